// Keeps what a reader had open, where the focus was and how far down he was when a page
// is drawn anew, by a filter or by a new publication.
(function () {
    const open = new Set();
    let focused = { element: null, name: "" };
    let place = { path: location.pathname, y: 0 };
    let drawn = null;
    function name(one) {
        const panel = one.closest("section, nav");
        return [
            panel && (panel.getAttribute("aria-labelledby") || panel.textContent.slice(0, 24)),
            one.tagName,
            one.className,
            one.id || one.name || one.textContent.slice(0, 40),
            one.value,
        ].join("|");
    }
    function detailsName(one) {
        return `${location.pathname}|${name(one.querySelector("summary"))}`;
    }
    document.addEventListener(
        "toggle",
        ({ target }) => {
            if (target.tagName !== "DETAILS") return;
            if (target.open) open.add(detailsName(target));
            else open.delete(detailsName(target));
        },
        true,
    );
    document.addEventListener("focusin", ({ target }) => {
        focused = { element: target, name: name(target) };
    });
    document.addEventListener("pointerdown", ({ target }) => {
        if (!target.closest("a, button, input, select, summary, [tabindex]")) {
            focused = { element: null, name: "" };
        }
    });
    window.addEventListener(
        "scroll",
        () => {
            // a page that was taken away was not left by its reader
            if (!document.querySelector("#page .panel")) return;
            place = { path: location.pathname, y: window.scrollY };
        },
        { passive: true },
    );
    function stay() {
        const panel = document.querySelector("#page .panel");
        if (!panel || panel === drawn) return;
        drawn = panel; // while it was exchanged the page was too short to stay
        if (place.path === location.pathname && window.scrollY < place.y) {
            window.scrollTo(0, place.y);
        }
    }
    function look() {
        stay();
        document.querySelectorAll("#page details:not([open])").forEach((one) => {
            if (!one.dataset.seen && open.has(detailsName(one))) one.open = true;
            one.dataset.seen = "yes"; // what is closed from now on is closed by hand
        });
        const { element } = focused;
        if (!element || element.isConnected || document.activeElement !== document.body) {
            return;
        }
        const again = [...document.querySelectorAll(element.tagName)].find(
            (one) => name(one) === focused.name,
        );
        if (again) again.focus({ preventScroll: true });
    }
    new MutationObserver(look).observe(document.documentElement, {
        childList: true,
        subtree: true,
    });
})();
