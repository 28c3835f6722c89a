// Light or dark: as the system says until the reader chooses. Runs before the page is drawn.
(() => {
    const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
    const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
    const dark = () => (stored() ?? (system.matches ? "dark" : "light")) === "dark";

    function apply() {
        root.classList.toggle("dark-mode", dark());
        root.classList.toggle("light-mode", !dark());
        const button = document.querySelector("button.theme");
        if (button) button.textContent = dark() ? "Light" : "Dark";
    }

    apply();
    system.addEventListener("change", apply);
    document.addEventListener("DOMContentLoaded", () => {
        const button = document.querySelector("button.theme");
        button.hidden = false;
        button.title = "Change between light and dark";
        button.addEventListener("click", () => {
            try { localStorage.setItem("theme", dark() ? "light" : "dark"); } catch { /* then it lasts for this page */ }
            apply();
        });
        apply();
    });
})();
