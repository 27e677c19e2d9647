// What the page asks the server, and what becomes of the page when it gets no answer:
// figures are never shown beside filters that nobody heard of.
(function () {
    const ask = window.fetch;
    let underWay = 0;
    let timer = 0;
    function set(id, properties) {
        window.dash_clientside.set_props(id, properties);
    }
    function element(type, properties) {
        return { namespace: "dash_html_components", type, props: properties };
    }
    function show(who) {
        const children = [
            element("H1", { children: `${who} does not answer.` }),
            element("P", { children: "The pages come back by themselves as soon as it does." }),
        ];
        set("page", { children: element("Div", { className: "nothing unanswered", children }) });
        set("stamp", { children: [] });
        set("filters", { "data-controls": "[]" });
        set("shown", { data: null });
    }
    function askAgain() {
        // a question that takes long is not asked a second time beside
        if (underWay || !document.querySelector("#page .unanswered")) return;
        set("published", { data: { asked_at: Date.now() } });
    }
    window.fetch = async (...request) => {
        let answer = null;
        underWay += 1;
        try {
            answer = await ask(...request);
            return answer;
        } finally {
            underWay -= 1;
            if (answer && answer.status === 401) {
                // the session is over: the server leads to the login, and from there back
                window.location.reload();
            } else if (!(answer && answer.ok) && String(request[0]).includes("/_dash-update")) {
                show(answer && answer.status === 503 ? "The warehouse" : "Wardline");
            }
            window.clearTimeout(timer);
            timer = window.setTimeout(askAgain, 5000);
        }
    };
})();
