/* browser.mjs URL SHOTS - the page at / in a real Chromium, by browser.py.
 *
 * Prints "ok - name" and "not ok - name". What the daemon is to do meanwhile is
 * asked of browser.py by lines "do WORD", and is done when a line comes back.
 * Screenshots go to SHOTS, for people to look at. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [base, shots, modules, titlesFile] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TITLES = JSON.parse(readFileSync(titlesFile, "utf8"));

const VIEWS = {
	light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
	dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
	phone: { colorScheme: "light", viewport: { width: 375, height: 760 },
		isMobile: true, hasTouch: true },
	night: { colorScheme: "dark", viewport: { width: 320, height: 640 },
		isMobile: true, hasTouch: true },
};

let failed = 0;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const ask = async (word) => {
	console.log("do " + word);
	await lines.next();
};

const must = (good, why) => {
	if (!good)
		throw new Error(typeof why === "string" ? why : JSON.stringify(why));
};

const until = async (what, why, limit = 20000) => {
	const end = Date.now() + limit;
	while (!(await what())) {
		must(Date.now() < end, why);
		await new Promise((r) => setTimeout(r, 100));
	}
};

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu",
		"--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--no-first-run"],
});

/* A page of its own whose complaints are kept: console, errors, violations of
 * the policy, requests that go elsewhere, answers that are none. */
const open = async (view, path, more = {}) => {
	const context = await browser.newContext({ ...view, ...more });
	const page = await context.newPage();
	page.bad = [];
	page.on("console", (m) => {
		if (m.type() === "error" || m.type() === "warning")
			page.bad.push(m.text());
	});
	page.on("pageerror", (e) => page.bad.push(String(e)));
	page.on("request", (r) => {
		if (!r.url().startsWith(base))
			page.bad.push("asks for " + r.url());
	});
	page.on("dialog", (d) => {
		page.bad.push("dialog " + d.message());
		d.dismiss();
	});
	await context.addInitScript(() => {
		window.violations = [];
		document.addEventListener("securitypolicyviolation",
			(e) => window.violations.push(e.violatedDirective));
	});
	await page.goto(base + path, { waitUntil: "load" });
	return page;
};

const close = (page) => page.context().close();

const complaints = async (page) =>
	[...page.bad, ...(await page.evaluate(() => window.violations ?? []))];

const test = async (name, what) => {
	try {
		await what();
		console.log("ok - " + name);
	} catch (e) {
		failed++;
		console.log("not ok - " + name + "\n  " +
			String(e.stack ?? e).split("\n").slice(0, 6).join("\n  "));
	}
};

const explainOf = async (n) => {
	const page = await open(VIEWS.light, "/");
	const href = await page.locator("a.title").nth(n).getAttribute("href");
	await close(page);
	return href;
};

/* ---- looks ------------------------------------------------------------------ */

const quiet = async (paths) => {
	for (const [name, view] of Object.entries(VIEWS))
		for (const [what, path] of Object.entries(paths)) {
			const page = await open(view, path);
			await page.waitForTimeout(300);
			await page.screenshot({
				path: `${shots}/${what}-${name}.png`,
				fullPage: name === "phone",
			});
			const bad = await complaints(page);
			/* A page that is not there is one: its status is told. */
			must(what === "none" || bad.length === 0, [what, name, bad]);
			await close(page);
		}
};

const accessible = async (paths) => {
	for (const [name, view] of Object.entries(VIEWS))
		for (const [what, path] of Object.entries(paths)) {
			const page = await open(view, path, { bypassCSP: true });
			await page.evaluate(axeSource);
			if (what === "page")
				await page.evaluate(() => document
					.querySelectorAll("details")
					.forEach((d) => { d.open = true; }));
			const found = await page.evaluate(() => window.axe.run(document, {
				resultTypes: ["violations"],
				runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
					"wcag22aa", "best-practice"],
			}));
			const bad = found.violations
				.filter((v) => ["serious", "critical", "moderate"].includes(v.impact))
				.map((v) => [v.id, v.impact, v.nodes.length,
					v.nodes[0].html.slice(0, 160)]);
			must(bad.length === 0, [what, name, bad]);
			await close(page);
		}
};

const fits = async (paths) => {
	for (const width of [320, 375, 768, 1024, 1920])
		for (const path of Object.values(paths)) {
			const page = await open(
				{ viewport: { width, height: 700 } }, path);
			const over = await page.evaluate(() =>
				document.documentElement.scrollWidth - innerWidth);
			must(over <= 0, [width, path, over]);
			await close(page);
		}
};

/* ---- hostile titles --------------------------------------------------------- */

const titles = async () => {
	const page = await open(VIEWS.light, "/");
	const shown = await page.locator("a.title").allTextContents();
	const fold = (s) => s.replace(/[^\p{L}\p{N}]/gu, "").slice(0, 40);
	const want = TITLES.map(fold).sort(), got = shown.map(fold).sort();
	must(JSON.stringify(want) === JSON.stringify(got), [want, got]);
	must((await page.title()).startsWith("running"), await page.title());
	must(await page.locator("section").count() === 6, "sections were made");
	must(await page.locator("h1").count() === 1, "a heading was made");
	for (const href of await page.locator("a.title").evaluateAll(
		(all) => all.map((a) => a.getAttribute("href")))) {
		await page.goto(base + href);
		must(await page.locator("script, img, iframe, object").count() === 0,
			"the explain page has more than text");
		must(!(await page.title()).startsWith("owned"), "owned");
	}
	must((await complaints(page)).length === 0, await complaints(page));
	await close(page);
};

/* ---- by keyboard ------------------------------------------------------------ */

/* Every stop from the first to the last: what it is, and whether it is seen. */
const walk = async (page) => {
	const stops = [];
	for (let i = 0; i < 400; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			if (e === null || e === document.body)
				return null;
			const s = getComputedStyle(e), b = e.getBoundingClientRect();
			return { what: e.outerHTML.slice(0, 90), name: e.tagName,
				seen: s.outlineStyle !== "none" &&
					b.width > 0 && b.height > 0 &&
					b.right > 0 && b.left < innerWidth };
		});
		if (at === null)
			break;
		stops.push(at);
	}
	return stops;
};

const keyboard = async () => {
	const page = await open(VIEWS.light, "/");
	await page.locator("#hold").focus(); /* no update in between */
	await page.keyboard.press("Space");
	must(await page.locator("#hold").textContent() === "Resume updates", "held");
	await page.evaluate(() => document.activeElement.blur());
	await page.goto(page.url() + "#");
	const stops = await walk(page);
	must(stops[0].what.includes("skip"), stops[0]);
	const blind = stops.filter((s) => !s.seen);
	must(blind.length === 0, blind);
	const links = await page.locator("a:visible, button:visible, summary:visible")
		.count();
	must(stops.length >= links - 1, [stops.length, links]);
	await page.locator(".skip").focus();
	await page.keyboard.press("Enter");
	must(await page.evaluate(() => document.activeElement.id) === "articles",
		"skipped");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.waitForURL(/explain/);
	must((await walk(page)).every((s) => s.seen), "a stop is not seen");
	await page.locator("details.r summary").first().focus();
	await page.keyboard.press("Enter");
	must(await page.locator("details.r").first().evaluate((d) => d.open), "open");
	await page.locator("nav a").first().focus();
	await page.keyboard.press("Enter");
	await page.waitForURL(base + "/");
	await close(page);
};

/* ---- alive ------------------------------------------------------------------ */

const lives = async () => {
	const page = await open(VIEWS.light, "/");
	const second = page.locator("a.title").nth(1);
	const href = await second.getAttribute("href");
	await page.locator("#states summary").click();
	await second.focus();
	await ask("news");
	await until(async () => (await page.locator("a.title").first().textContent())
		.includes("the last minute"), "the new article does not appear");
	must(await page.evaluate(() => document.activeElement.getAttribute("href"))
		=== href, "the focus was lost");
	must(await page.locator("#states").evaluate((d) => d.open), "it was closed");
	must((await complaints(page)).length === 0, await complaints(page));
	await close(page);
};

const leavesSelection = async () => {
	const page = await open(VIEWS.light, "/");
	await page.evaluate(() => getSelection().selectAllChildren(
		document.querySelector("#newest a.title")));
	const text = await page.evaluate(() => String(getSelection()));
	const clock = await page.locator("#clock").textContent();
	await until(async () => await page.locator("#clock").textContent() !== clock,
		"the clock stands");
	must(text.length > 0 && await page.evaluate(() => String(getSelection()))
		=== text, "the selection was lost");
	await close(page);
};

const pauses = async () => {
	const page = await open(VIEWS.dark, "/");
	await ask("pause");
	await until(() => page.locator(".banner.warn").isVisible(), "no banner");
	must(await page.locator("#state").textContent() === "paused", "the state");
	must((await page.title()).startsWith("paused"), await page.title());
	await page.screenshot({ path: `${shots}/paused.png` });
	await ask("resume");
	await until(async () => !(await page.locator(".banner.warn").isVisible()),
		"the banner stays");
	await close(page);
};

const silentDaemon = async () => {
	const page = await open(VIEWS.light, "/");
	must(await page.locator("#lost").isHidden(), "hidden");
	await ask("stop");
	await until(() => page.locator("#lost").isVisible(), "no banner");
	must(/as they were at .*\d/.test(await page.locator("#lost").textContent()),
		"since when");
	await page.screenshot({ path: `${shots}/lost.png` });
	await ask("start");
	await until(() => page.locator("#lost").isHidden(), "the banner stays");
	await close(page);
};

const withoutScripts = async () => {
	const page = await open(VIEWS.light, "/", { javaScriptEnabled: false });
	must(await page.locator("svg.plot").count() === 6, "plots");
	must(await page.locator("a.title").count() >= TITLES.length, "articles");
	must(await page.locator("#hold").isHidden(), "a button that does nothing");
	await page.locator("#spans a").nth(2).click();
	must((await page.locator(".axis").first().textContent())
		.startsWith("24 hours ago"), "the span");
	await close(page);
};

const paths = { page: "/", explain: await explainOf(0),
	none: "/explain?id=w1-" };
await test("page: no complaint of the browser in light, dark and on phones",
	() => quiet(paths));
await test("page: axe has no serious finding in light, dark and on phones",
	() => accessible(paths));
await test("page: nothing is wider than the screen from 320 pixels on",
	() => fits(paths));
await test("page: hostile titles are text, and stay it in their explain views",
	titles);
await test("page: all of it is reached by keyboard, and the focus is seen",
	keyboard);
await test("page: without scripts the figures, plots and articles are there",
	withoutScripts);
await test("page: a new article appears by itself; focus and open parts stay",
	lives);
await test("page: text that is selected is not taken away", leavesSelection);
await test("page: a pause is shown while it lasts", pauses);
await test("page: a daemon that is gone is said so, and one that is back",
	silentDaemon);
await browser.close();
process.exit(failed > 0 ? 1 : 0);
