// How far a reader is: the pages read to their end, and the answers that were chosen.
{
    const { kept } = globalThis, page = location.pathname.split("/").pop();

    // A page is read when its end came on the screen and stayed for a moment. Whoever followed a link to the end has not read it.
    const end = document.querySelector("nav.turning");
    if (end && globalThis.IntersectionObserver) {
        let timer, above = false;
        new IntersectionObserver(entries => {
            const { isIntersecting } = entries.at(-1);
            clearTimeout(timer);
            if (!isIntersecting) above = true;
            else if (above) timer = setTimeout(() => kept.set(`read:${page}`, "1"), 1000);
        }).observe(end);
    }

    for (const link of document.querySelectorAll(".index main li > a:first-child, nav.chapter-pages a")) {
        if (!kept.get(`read:${link.getAttribute("href")}`)) continue;
        const mark = document.createElement("span");
        mark.className = "read";
        mark.textContent = " \u2713 read";
        link.after(mark);
    }

    document.querySelectorAll("section.question").forEach((question, number) => {
        const answers = [...question.querySelectorAll("details")], key = `answer:${page}:${number + 1}`;
        const chosen = answers[kept.get(key) ?? -1];
        if (chosen) chosen.open = true;
        answers.forEach((answer, position) => answer.addEventListener("toggle", () => {
            if (answer.open) kept.set(key, position);
            else if (!answers.some(one => one.open)) kept.remove(key);
        }));
    });
}
