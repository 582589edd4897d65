#!/usr/bin/env python3
"""Figures, alerts and dashboard belong together: each name in the rules, the
dashboard and the list for people is one that a running daemon tells, and the
other way round. With promtool (make check-metrics) Prometheus judges all of it."""
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
sys.path[:0] = [HERE]
import check_web  # noqa: E402
import sites  # noqa: E402

RULES = os.path.join(ROOT, "systemd/prometheus/winnow.rules.yml")
TESTS = os.path.join(ROOT, "systemd/prometheus/winnow.rules.test.yml")
SCRAPE = os.path.join(ROOT, "systemd/prometheus/prometheus.yml")
GUIDE = os.path.join(ROOT, "systemd/prometheus/README.md")
BOARD = os.path.join(ROOT, "systemd/grafana/winnow.json")
NAME = re.compile(r"\b(?:winnow|process)_[a-z_]+\b")


def slurp(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def expressions():
    """What the dashboard asks for."""
    board = json.loads(slurp(BOARD))
    out = [a["expr"] for a in board["annotations"]["list"]]
    for panel in board["panels"]:
        out += [t["expr"] for t in panel.get("targets", [])]
    return out


def plain(expr):
    """Without what Grafana fills in."""
    return (expr.replace("$__rate_interval", "5m").replace("$job", ".*")
            .replace("$instance", ".*"))


def rules_exprs():
    return re.findall(r"^ +expr: (.+)$", slurp(RULES), re.M)


def promtool(*args, stdin=None):
    p = subprocess.run(["promtool", *args], capture_output=True, text=True,
                       input=stdin, timeout=300, check=False)
    assert p.returncode == 0 and "FAILED" not in p.stdout, p.stdout + p.stderr
    return p.stdout + p.stderr


def need_promtool():
    if shutil.which("promtool") is None:
        raise sites.Cases.Skip("promtool (prometheus) is not installed")


# ---- names -----------------------------------------------------------------------

def told(text):
    """Name: type, and the names of its samples."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    names = set(re.findall(r"^([a-z_]+)[{ ]", text, re.M))
    return types, names


def known(where, exprs, text):
    _, names = told(text)
    used = set()
    for e in exprs:
        # job="winnow" is no metric, and what begins a name may be a label's.
        used |= set(NAME.findall(re.sub(r'"[^"]*"', '""', e)))
    assert len(used) > 10, used
    assert used <= names, "%s: not told: %s" % (where, sorted(used - names))


def labels(text):
    """Each label's value that a rule or the board picks is one that is told."""
    for e in rules_exprs() + expressions():
        for name, inside in re.findall(r"((?:winnow|process)_[a-z_]+)\{([^}]*)\}",
                                       e):
            for label, value in re.findall(r'(\w+)=~?"([^"$]*)"', inside):
                if label == "job":
                    continue
                for v in value.split("|"):
                    assert re.search(r'^%s\{.*%s="%s"' % (name, label, v), text,
                                     re.M), (name, label, v)


def guide(text):
    types, _ = told(text)
    rows = re.findall(r"^\| `([a-z_]+)", slurp(GUIDE), re.M)
    assert sorted(rows) == sorted(types), set(rows) ^ set(types)


def acts():
    """Each alert says what to do, and is tested."""
    text, tests = slurp(RULES), slurp(TESTS)
    alerts = re.findall(r"alert: (\w+)", text)
    assert len(alerts) == len(set(alerts)) >= 10, alerts
    assert text.count("what_to_do: ") == text.count("summary: ") == \
        text.count("severity: ") == len(alerts), len(alerts)
    for a in alerts:
        assert "alertname: %s\n" % a in tests, "%s is not tested" % a


def board():
    b = json.loads(slurp(BOARD))
    ids = [p["id"] for p in b["panels"]]
    assert len(ids) == len(set(ids)) > 10, ids
    for p in b["panels"]:
        g = p["gridPos"]
        assert g["x"] + g["w"] <= 24, p["title"]
        assert p["type"] == "row" or p["description"], p["title"]
    assert len(set(expressions())) == len(expressions())


# ---- by Prometheus ---------------------------------------------------------------

def scrape_clean(text):
    need_promtool()
    said = promtool("check", "metrics", stdin=text)
    assert said == "", said


def rules_clean():
    need_promtool()
    promtool("check", "rules", RULES)
    promtool("check", "config", SCRAPE)
    promtool("test", "rules", TESTS)


def board_parses(tmp):
    """As rules: promtool then reads each of its expressions."""
    need_promtool()
    path = os.path.join(tmp, "board.yml")
    with open(path, "w", encoding="utf-8") as f:
        f.write("groups:\n- name: board\n  rules:\n")
        for i, e in enumerate(expressions()):
            f.write("  - record: board:%d\n    expr: %s\n"
                    % (i, json.dumps(plain(e))))
    promtool("check", "rules", path)


def scraped(s, tmp):
    """Prometheus itself asks, keeps, and judges the rules."""
    port, web = check_web.free_port(), check_web.free_port()
    conf = os.path.join(tmp, "prometheus.yml")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(slurp(SCRAPE).replace("15s", "1s")
                .replace("winnow.rules.yml", os.path.abspath(RULES))
                .replace("127.0.0.1:9712", "127.0.0.1:%d" % port))

    def ask(query):
        url = "http://127.0.0.1:%d/api/v1/%s" % (web, query)
        try:
            with urllib.request.urlopen(url, timeout=60) as r:
                return json.load(r)["data"]
        except OSError:
            return None
    with sites.Daemon(tmp, check_web.settings(s, "127.0.0.1:%d" % port)) as d, \
            open(os.path.join(tmp, "prometheus.log"), "wb") as log:
        d.start().ready()
        p = subprocess.Popen(
            ["prometheus", "--config.file=" + conf,
             "--storage.tsdb.path=" + os.path.join(tmp, "tsdb"),
             "--web.listen-address=127.0.0.1:%d" % web], stdout=log, stderr=log)
        try:
            def up():
                got = ask("query?query=winnow_ready")
                return got and got["result"] and \
                    got["result"][0]["value"][1] == "1"
            assert sites.wait_for(up, 60, 0.5), ask("targets")
            target = ask("targets")["activeTargets"][0]
            assert target["health"] == "up" and not target["lastError"], target

            def judged():
                rules = ask("rules")["groups"][0]["rules"]
                return rules if all(r["health"] == "ok" for r in rules) else None
            assert sites.wait_for(judged, 90, 0.5), ask("rules")
        finally:
            p.terminate()
            p.wait()


def main():
    c = sites.Cases()
    with sites.Sites() as s, sites.workdir() as tmp:
        port = check_web.free_port()
        with sites.Daemon(tmp, check_web.settings(s, "127.0.0.1:%d" % port)) as d:
            d.start().ready()
            text = check_web.get(port, "/metrics")[2]
        c.case("metrics: alerts ask for what is told", known, "rules",
               rules_exprs(), text)
        c.case("metrics: the dashboard asks for what is told", known, "board",
               expressions(), text)
        c.case("metrics: labels in alerts and dashboard are told", labels, text)
        c.case("metrics: the guide lists all that is told", guide, text)
        c.case("metrics: each alert says what to do, and is tested", acts)
        c.case("metrics: the dashboard is whole", board)
        c.case("metrics: promtool finds nothing to say about a scrape",
               scrape_clean, text)
        c.case("metrics: promtool takes rules, their tests and the scrape's setting",
               rules_clean)
        c.case("metrics: Prometheus can read what the dashboard asks",
               board_parses, tmp)
        if os.environ.get("METRICS") != "all":  # make check-metrics
            return c.failed != 0
        with sites.workdir() as other:
            c.case("metrics: Prometheus scrapes a daemon and judges the alerts",
                   scraped, s, other)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
