// The explorers. Each is loaded when the reader comes near its place: the parts that all share, what was
// measured, then its own scripts in their order. Scripts, since a page that was opened from a file may fetch nothing else.
{
    const loading = new Map();
    const load = (tag, attributes) => {
        const key = JSON.stringify(attributes);
        if (!loading.has(key))
            loading.set(key, new Promise((resolve, reject) => {
                const element = Object.assign(document.createElement(tag), attributes);
                element.onload = resolve;
                element.onerror = () => reject(new Error(`${attributes.src ?? attributes.href} cannot be loaded`));
                document.head.append(element);
            }));
        return loading.get(key);
    };
    const script = file => load("script", { src: `explorers/${file}.js` });

    async function open(place) {
        const name = place.id.replace(/^explorer-/, "");
        const waiting = place.querySelector("p");
        try {
            await Promise.all([load("link", { rel: "stylesheet", href: "explorers/explorer.css" }), script("parts"), script(`${name}.data`)]);
            for (const one of place.dataset.scripts.split(" ")) await script(one);
            globalThis.explorers[name](place, globalThis.explorerData[name]);
            waiting.remove();
        } catch (reason) {
            waiting.textContent = `The explorer does not open: ${reason.message}`;
        }
    }

    const near = new IntersectionObserver(entries => {
        for (const { isIntersecting, target } of entries)
            if (isIntersecting) {
                near.unobserve(target);
                open(target);
            }
    }, { rootMargin: "800px 0px" });
    for (const place of document.querySelectorAll("section.explorer")) near.observe(place);
}
