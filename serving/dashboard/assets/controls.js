// Makes each filter and choice of the browser's own controls, which every keyboard,
// screen reader and phone knows, and tells the server what was chosen.
(function () {
    const made = new WeakMap(); // what a group of controls holds now
    let shown = null;
    function use(name, value) {
        window.dash_clientside.set_props("used", {
            data: { name, value, at: Date.now() },
        });
    }
    function element(tag, properties, ...children) {
        const one = Object.assign(document.createElement(tag), properties);
        one.append(...children);
        return one;
    }
    function labelled(control, label) {
        return [element("label", { htmlFor: control.id }, label), control];
    }
    const kinds = {
        select({ name, label, options }) {
            const control = element(
                "select",
                { id: `filter-${name}`, onchange: () => use(name, control.value) },
                ...options.map(([value, text]) => new Option(text, value)),
            );
            return [labelled(control, label), (value) => (control.value = value)];
        },
        date({ name, label }) {
            const control = element("input", { type: "date", id: `filter-${name}` });
            control.onchange = () => {
                // while a year is typed, its first digits are a date already
                if (!control.value || control.value >= "1900") use(name, control.value);
            };
            return [labelled(control, label), (value) => (control.value = value)];
        },
        radio({ name, label, options }) {
            const controls = options.map(([value]) =>
                element("input", {
                    type: "radio",
                    name: `choice-${name}`,
                    value,
                    onchange: () => use(name, value),
                }),
            );
            const group = element(
                "fieldset",
                {},
                element("legend", {}, label),
                ...options.map(([, text], index) =>
                    element("label", {}, controls[index], element("span", {}, text)),
                ),
            );
            const set = (value) =>
                controls.forEach((one) => (one.checked = one.value === value));
            return [[group], set];
        },
    };
    function make({ value, ...control }) {
        const [parts, set] = kinds[control.kind](control);
        const className = `control ${control.kind}`;
        return { shape: JSON.stringify(control), set, box: element("div", { className }, ...parts) };
    }
    function fill(group) {
        const source = group.dataset.controls;
        const before = made.get(group) || { source: "", controls: [] };
        if (before.source === source) return;
        const controls = JSON.parse(source).map((one) => {
            const { value, ...control } = one;
            const shape = JSON.stringify(control);
            // the same control stays where it is: it may have the focus
            const found = before.controls.find((it) => it.shape === shape) || make(one);
            found.set(value);
            return found;
        });
        const boxes = controls.map((it) => it.box);
        if (boxes.some((box, index) => box !== group.children[index])) {
            group.replaceChildren(...boxes);
        } else {
            while (group.children.length > boxes.length) group.lastChild.remove();
        }
        made.set(group, { source, controls });
    }
    function look() {
        document.querySelectorAll("[data-controls]").forEach(fill);
        const here = document.querySelector(".pages .here");
        if (here && here !== shown) {
            shown = here; // on a phone the menu is wider than the screen
            here.parentElement.scrollLeft = here.offsetLeft - 24;
        }
        const heading = document.querySelector("#page h1");
        const title = heading ? `${heading.textContent} - Wardline` : "Wardline";
        if (document.title !== title) document.title = title;
    }
    new MutationObserver(look).observe(document.documentElement, {
        childList: true,
        subtree: true,
        attributeFilter: ["data-controls"],
    });
})();
