// Draws the charts anew for paper, whose width the screen does not know.
(function () {
    const PAPER_WIDTH = 1020; // A4 across, less its margins, in CSS pixels
    // Of this the browser tells once the styles of paper hold, of beforeprint before;
    // relayout draws at once, where Plotly's resize would wait until after the print.
    window.matchMedia("print").addEventListener("change", ({ matches }) => {
        document.body.style.width = matches ? `${PAPER_WIDTH}px` : "";
        document.querySelectorAll(".js-plotly-plot").forEach((chart) => {
            window.Plotly.relayout(chart, { autosize: true });
        });
    });
})();
