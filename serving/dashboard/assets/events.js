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
        // the browser connects again by itself when the server comes back
        new EventSource("/dashboard/events").onmessage = told;
    }
    listen();
})();
