// A button on each listing copies its text, without line numbers.
for (const listing of document.querySelectorAll(".text .fragment, .text pre.fragment")) {
    if (!navigator.clipboard) break;
    const box = document.createElement("div"), button = document.createElement("button");
    box.className = "listing";
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    listing.replaceWith(box);
    box.append(listing, button);
    button.addEventListener("click", async () => {
        const lines = [...listing.querySelectorAll(".line")].map(line => line.textContent.replace(/^\s+$/, ""));
        await navigator.clipboard.writeText((lines.length ? lines.join("\n") : listing.textContent) + "\n");
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
}
