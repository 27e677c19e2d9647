// Fills each panel's table from the rows that it carries in data-table. A component of
// Dash for each cell would take the browser seconds; these take milliseconds.
(function () {
    const filled = new WeakMap();
    const LONGEST_IN_ONE_LINE = 20; // characters; a moment is not torn at its hyphens
    function cell(tag, text, isNumber) {
        const made = document.createElement(tag);
        made.textContent = text;
        if (tag === "th") made.scope = "col";
        made.classList.toggle("number", isNumber);
        made.classList.toggle("long", text.length > LONGEST_IN_ONE_LINE);
        return made;
    }
    function line(tag, texts, areNumbers) {
        const made = document.createElement("tr");
        texts.forEach((text, index) => made.append(cell(tag, text, areNumbers[index])));
        return made;
    }
    function fill(box) {
        const source = box.dataset.table;
        if (filled.get(box) === source) return;
        filled.set(box, source);
        const { labels, numbers, rows } = JSON.parse(source);
        const table = document.createElement("table");
        table.id = box.dataset.tableId;
        table.createTHead().append(line("th", labels, numbers));
        table.createTBody().append(...rows.map((row) => line("td", row, numbers)));
        box.replaceChildren(table);
    }
    function look() {
        document.querySelectorAll("[data-table]").forEach(fill);
    }
    new MutationObserver(look).observe(document.documentElement, {
        childList: true,
        subtree: true,
        attributeFilter: ["data-table"],
    });
})();
