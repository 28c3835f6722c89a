// What this browser keeps of a reader: guesses, answers, pages read, filters. The foot of each page says so, and forgets it.
{
    const theirs = /^(predict|answer|read|ledger):/;
    const safely = act => { try { return act(); } catch { return null; } }; // a private window keeps nothing
    const keys = () => safely(() => Object.keys(localStorage).filter(key => theirs.test(key))) ?? [];
    const line = document.querySelector("footer .kept");

    globalThis.kept = {
        get: key => safely(() => localStorage.getItem(key)),
        set: (key, value) => { safely(() => localStorage.setItem(key, value)); shown(); },
        remove: key => { safely(() => localStorage.removeItem(key)); shown(); },
    };

    function shown() {
        line.hidden = !keys().length;
        line.querySelector(".ask-again").hidden = globalThis.kept.get("predict:never") === null;
    }

    line.querySelector(".ask-again").addEventListener("click", () => {
        globalThis.kept.remove("predict:never");
        location.reload();
    });
    line.querySelector(".anew").addEventListener("click", () => {
        for (const key of keys()) globalThis.kept.remove(key);
        location.reload();
    });
    shown();
}
