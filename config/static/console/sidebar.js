'use strict';
// Folds the sidebar's groups; what is folded stays so in this browser.
{
    const sidebar = document.getElementById('nav-sidebar');
    const groups = sidebar ? sidebar.querySelectorAll('details[data-group]') : [];
    const filter = document.getElementById('nav-filter');
    const key = (group) => 'tonglu.console.folded.' + group.dataset.group;

    // The group of the page one is on is open whatever was folded, and so is each while filtering.
    function show() {
        const filtering = filter !== null && filter.value !== '';
        for (const group of groups) {
            const here = group.querySelector('[aria-current="page"]') !== null;
            group.open = filtering || here || localStorage.getItem(key(group)) === null;
        }
    }

    for (const group of groups) {
        // At the click the group is still as it was before it.
        group.querySelector('summary').addEventListener('click', () => {
            if (group.open) {
                localStorage.setItem(key(group), '1');
            } else {
                localStorage.removeItem(key(group));
            }
        });
    }
    if (filter !== null) {
        filter.addEventListener('input', show);
    }
    show();
}
