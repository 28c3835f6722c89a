// The table of contents: closed on a narrow page, and marking the section that is being read.
{
    const list = document.querySelector(".contents-list");
    if (list) {
        const wide = matchMedia("(min-width: 72rem)"), details = list.querySelector("details");
        const fold = () => { details.open = wide.matches; };
        fold();
        wide.addEventListener("change", fold);
        list.addEventListener("click", event => { if (event.target.closest("a") && !wide.matches) details.open = false; });

        const links = new Map([...list.querySelectorAll("a")].map(link => [link.hash.slice(1), link]));
        const headings = [...links.keys()].map(id => document.getElementById(id));
        const mark = () => {
            const read = headings.filter(heading => heading.getBoundingClientRect().top < innerHeight / 3).pop();
            for (const [id, link] of links)
                if (read && id === read.id) link.setAttribute("aria-current", "true");
                else link.removeAttribute("aria-current");
        };
        addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
        mark();
    }
}
