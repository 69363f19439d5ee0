/* The create page while it is filled in: a pasted block is read at once, branches are looked up
   and the rule and quota beside are kept true. Without this file its buttons do the same. */
"use strict";
(() => {
    const form = document.getElementById("create-order");
    if (!form) {
        return;
    }
    const PAUSE = 400;
    const running = new Map();

    const ask = async (url, data, key) => {
        running.get(key)?.abort();
        const abort = new AbortController();
        running.set(key, abort);
        data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        const answer = await fetch(url, {
            method: "POST", body: data, signal: abort.signal, redirect: "error",
        });
        if (!answer.ok) {
            throw new Error(String(answer.status));
        }
        return answer.json();
    };

    const say = (box, text) => {
        const note = document.createElement("p");
        note.className = "paste-note";
        note.textContent = text;
        box.replaceChildren(note);
    };

    const attempt = async (box, work) => {
        try {
            await work();
        } catch (trouble) {
            if (trouble.name !== "AbortError") {
                say(box, form.dataset.failed);
            }
        }
    };

    const read = (side, data) => {
        const block = form.querySelector(`[data-side="${side}"]`);
        const box = block.querySelector(".paste-result");
        return attempt(box, async () => {
            const said = await ask(form.dataset.pasteUrl, data, side);
            box.innerHTML = said.html;
            for (const [name, value] of Object.entries(said.values)) {
                const field = form.elements[name];
                field.value = value;
                field.classList.toggle("just-filled", value !== "");
            }
            if (side === "sender") {
                refresh();
            }
        });
    };

    const blockOf = (side) => {
        const data = new FormData();
        data.set(`${side}_text`, form.elements[`${side}_text`].value);
        return data;
    };

    for (const block of form.querySelectorAll("[data-side]")) {
        const side = block.dataset.side;
        const text = form.elements[`${side}_text`];
        let timer = 0;
        const soon = (pause) => {
            clearTimeout(timer);
            timer = setTimeout(() => {
                const data = blockOf(side);
                data.set("_paste", side);
                read(side, data);
            }, pause);
        };
        text.addEventListener("input", () => soon(PAUSE));
        text.addEventListener("paste", () => soon(0));
        block.addEventListener("click", (event) => {
            const button = event.target.closest("button");
            if (button?.name === "_paste") {
                event.preventDefault();
                soon(0);
            } else if (button?.name === "_take") {
                event.preventDefault();
                const data = blockOf(side);
                for (const chosen of block.querySelectorAll(`[name^="${side}_chosen_"]`)) {
                    data.set(chosen.name, chosen.value);
                }
                data.set("_take", button.value);
                read(side, data);
            }
        });
    }

    const terms = document.getElementById("terms");
    const refresh = () => attempt(terms, async () => {
        const data = new FormData();
        const names = ["tenant", "cp_code", "sender_name", "sender_phone", "sender_address"];
        for (const name of names) {
            data.set(name, form.elements[name].value);
        }
        terms.innerHTML = (await ask(form.dataset.termsUrl, data, "terms")).html;
    });
    let later = 0;
    const refreshSoon = () => {
        clearTimeout(later);
        later = setTimeout(refresh, PAUSE);
    };
    for (const name of ["cp_code", "sender_name", "sender_phone", "sender_address"]) {
        form.elements[name].addEventListener("input", refreshSoon);
    }
    window.django?.jQuery(form.elements.tenant).on("change", refresh);

    const branches = document.getElementById("branches");
    document.getElementById("find-branches").addEventListener("click", (event) => {
        event.preventDefault();
        say(branches, form.dataset.busy);
        attempt(branches, async () => {
            const said = await ask(form.dataset.branchesUrl, new FormData(form), "branches");
            branches.innerHTML = said.html;
        });
    });

    let booking = false;
    form.addEventListener("submit", (event) => {
        if (event.submitter?.name !== "_book") {
            return;
        }
        if (booking) {
            event.preventDefault();
            return;
        }
        booking = true;
        event.submitter.classList.add("is-busy");
        form.querySelector(".booking-note").textContent = form.dataset.booking;
    });
    window.addEventListener("pageshow", (event) => {
        if (event.persisted) {
            booking = false;
            form.querySelector(".booking-note").textContent = "";
            form.querySelector(".is-busy")?.classList.remove("is-busy");
        }
    });
})();
