// What the page asks the server, and what becomes of the page when it gets no answer.
(function () {
    const ask = window.fetch;
    window.fetch = async (...request) => {
        const answer = await ask(...request);
        // The session is over: the server leads to the login, and from there back. Figures
        // would stay as they are until then, whatever is published or chosen.
        if (answer.status === 401) window.location.reload();
        return answer;
    };
})();
