// Hears of new publications and lets the page read anew, keeping filters and scroll.
(function () {
    function told(event) {
        const state = JSON.parse(event.data);
        window.dash_clientside.set_props("published", { data: state });
    }
    function listen() {
        // the page is drawn once Dash has put its frame in place
        if (!document.getElementById("page")) {
            window.setTimeout(listen, 50);
            return;
        }
        const source = new EventSource("/dashboard/events");
        source.onmessage = told;
        source.onerror = () => {
            // The browser connects again by itself, but gives up for good once it is
            // refused: by a proxy while the server starts, or by the server itself.
            if (source.readyState !== EventSource.CLOSED) return;
            window.setTimeout(listen, 3000);
            // why it was refused it does not say: asking.js hears of a session's end
            window.fetch(window.location.href).catch(() => {});
        };
    }
    listen();
})();
