// Says how long ago something was, and keeps saying it while the page stays open.
(function () {
    const units = [
        ["year", 31536000],
        ["month", 2592000],
        ["day", 86400],
        ["hour", 3600],
        ["minute", 60],
    ];
    const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
    function said(moment) {
        const seconds = (Date.now() - moment) / 1000;
        const [unit, length] = units.find(([, it]) => seconds >= it) || [];
        return unit ? words.format(-Math.floor(seconds / length), unit) : "just now";
    }
    function look() {
        document.querySelectorAll("#stamp time").forEach((one) => {
            const age = said(Date.parse(one.dateTime));
            if (one.textContent !== age) one.textContent = age;
        });
    }
    window.setInterval(look, 30000);
})();
