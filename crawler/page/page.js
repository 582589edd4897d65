/* page.js - brings the page at / up to date every few seconds.
 *
 * The daemon writes the page; this takes the parts that live (data-live) from a
 * new copy of it and puts them in the place of the old ones, where they differ.
 * So there is nothing here that knows what a figure means, and without scripts
 * the page says the same.
 *
 * What a person does is not disturbed: an opened part stays open, the focus
 * stays where it was, a part in which text is selected waits. */
"use strict";
(() => {
	const EVERY = 5000, LIMIT = 10000;
	const hold = document.getElementById("hold");
	const lost = document.getElementById("lost");
	const since = document.getElementById("since");
	let held = false, timer = 0, last = new Date();

	const isInUse = (el) => {
		const s = document.getSelection();
		return s !== null && !s.isCollapsed && s.containsNode(el, true);
	};

	/* What names the focused element in the old copy and in the new one. */
	const nameOf = (el) => {
		if (el.id)
			return "#" + CSS.escape(el.id);
		const href = el.getAttribute("href");
		if (href !== null)
			return `a[href="${CSS.escape(href)}"]`;
		const d = el.tagName === "SUMMARY" ? el.parentElement : null;
		return d !== null && d.id ? "#" + CSS.escape(d.id) + ">summary" : null;
	};

	const renew = (old, fresh) => {
		const focused = old.contains(document.activeElement)
			? nameOf(document.activeElement) : null;
		for (const d of old.querySelectorAll("details[id]")) {
			const f = fresh.querySelector("#" + CSS.escape(d.id));
			if (f !== null)
				f.open = d.open;
		}
		if (old.isEqualNode(fresh) || isInUse(old))
			return;
		old.replaceChildren(...document.importNode(fresh, true).childNodes);
		if (focused !== null)
			old.querySelector(focused)?.focus({ preventScroll: true });
	};

	const take = (doc) => {
		const live = [...document.querySelectorAll("[data-live]")]
			.map((old) => [old, doc.getElementById(old.id)]);
		if (live.some(([, fresh]) => fresh === null))
			throw new Error("another page");
		live.forEach(([old, fresh]) => renew(old, fresh));
		document.title = doc.title;
	};

	/* XMLHttpRequest, for its answer is a document: nowhere does a string
	 * become markup, which the page forbids itself (trusted types). */
	const copy = () => new Promise((done, failed) => {
		const x = new XMLHttpRequest();
		x.open("GET", location.pathname + location.search);
		x.responseType = "document";
		x.timeout = LIMIT;
		x.onload = () => x.status === 200 && x.response !== null
			? done(x.response) : failed(new Error("no page"));
		x.onerror = x.ontimeout = () => failed(new Error("no answer"));
		x.send();
	});

	const refresh = async () => {
		clearTimeout(timer);
		try {
			take(await copy());
			last = new Date();
			lost.hidden = true;
		} catch {
			since.textContent = last.toLocaleTimeString();
			lost.hidden = false;
		}
		plan();
	};

	const plan = () => {
		clearTimeout(timer);
		if (!held && !document.hidden)
			timer = setTimeout(refresh, EVERY);
	};

	hold.addEventListener("click", () => {
		held = !held;
		hold.textContent = held ? "Resume updates" : "Pause updates";
		if (held)
			plan();
		else
			refresh();
	});
	document.addEventListener("visibilitychange", () => {
		if (!document.hidden && !held)
			refresh();
	});
	hold.hidden = false;
	plan();
})();
