'use strict';
// Brings the dispatch board up to date by itself, while somebody looks at it. Whoever stands on a
// link with the keyboard, or came back from one, stays on it; text being copied stays selected.
{
    const board = () => document.getElementById('board');
    const seconds = board() ? Number(board().dataset.refresh) : 0;

    function stale(is) {
        const note = board().querySelector('.board-stale');
        if (note !== null) {
            note.hidden = !is;
        }
    }

    function selecting() {
        const selection = document.getSelection();
        return selection !== null && !selection.isCollapsed &&
            board().contains(selection.anchorNode);
    }

    function replace(found) {
        const at = document.activeElement;
        const href = board().contains(at) ? at.getAttribute('href') : null;
        board().replaceWith(found);
        if (href !== null) {
            const links = Array.from(found.querySelectorAll('a'));
            const same = links.find((link) => link.getAttribute('href') === href);
            if (same) {
                same.focus({preventScroll: true});
            }
        }
    }

    async function refresh() {
        if (document.hidden || selecting()) {
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
            } else if (!selecting()) {
                replace(found);
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
