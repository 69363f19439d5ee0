'use strict';
// Brings the dispatch board up to date by itself, while somebody looks at it and is not in a link.
{
    const board = () => document.getElementById('board');
    const seconds = board() ? Number(board().dataset.refresh) : 0;

    function stale(is) {
        const note = board().querySelector('.board-stale');
        if (note !== null) {
            note.hidden = !is;
        }
    }

    async function refresh() {
        if (document.hidden || board().contains(document.activeElement)) {
            return;
        }
        try {
            const answer = await fetch(location.href, {credentials: 'same-origin'});
            if (answer.redirected) {
                location.reload(); // Logged out: the log-in page says so.
                return;
            }
            const text = await answer.text();
            const fresh = new DOMParser().parseFromString(text, 'text/html');
            const found = fresh.getElementById('board');
            if (!answer.ok || found === null) {
                stale(true);
            } else if (!board().contains(document.activeElement)) {
                board().replaceWith(found);
            }
        } catch {
            stale(true);
        }
    }

    if (seconds > 0) {
        setInterval(refresh, seconds * 1000);
        document.addEventListener('visibilitychange', refresh);
    }
}
