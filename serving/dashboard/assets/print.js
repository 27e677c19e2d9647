// Draws the charts anew for paper, whose width the screen does not know.
(function () {
    const PAPER_WIDTH = 1020; // A4 across, less its margins, in CSS pixels
    function redraw() {
        document.querySelectorAll(".js-plotly-plot").forEach((chart) => {
            window.Plotly.Plots.resize(chart);
        });
    }
    window.addEventListener("beforeprint", () => {
        document.body.style.width = `${PAPER_WIDTH}px`;
        redraw();
    });
    window.addEventListener("afterprint", () => {
        document.body.style.width = "";
        redraw();
    });
})();
