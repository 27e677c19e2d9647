// Makes each filter and choice of the browser's own controls, which every keyboard,
// screen reader and phone knows, and tells the server what was chosen.
(function () {
    const made = new WeakMap();
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
    function fill(box) {
        const source = box.dataset.control;
        const before = made.get(box);
        if (before && before.source === source) return;
        const { value, ...control } = JSON.parse(source);
        const shape = JSON.stringify(control);
        if (before && before.shape === shape) {
            before.source = source; // the same control: it keeps the focus
            before.set(value);
            return;
        }
        const [parts, set] = kinds[control.kind](control);
        box.replaceChildren(...parts);
        set(value);
        made.set(box, { source, shape, set });
    }
    function look() {
        document.querySelectorAll("[data-control]").forEach(fill);
        const heading = document.querySelector("#page h1");
        const title = heading ? `${heading.textContent} - Wardline` : "Wardline";
        if (document.title !== title) document.title = title;
    }
    new MutationObserver(look).observe(document.documentElement, {
        childList: true,
        subtree: true,
        attributeFilter: ["data-control"],
    });
})();
