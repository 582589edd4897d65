#!/usr/bin/env python3
"""winnow completion: the real bash, zsh and fish are asked what they offer."""
import os
import pty
import select
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "crawler"))
import sites

WINNOW = os.path.abspath(sites.WINNOW)

# what is typed, up to the cursor; what is offered; whether there may be more
CASES = (
    ("winnow cl", {"clean"}, False),
    ("winnow s", {"seed", "status", "stop", "schema"}, False),
    ("winnow queue c", {"cat", "cursor"}, False),
    ("winnow queue cursor ", {"list", "rm"}, False),
    ("winnow seed ", {"add", "list"}, True),
    ("winnow clean -f ", {"text", "json", "html"}, False),
    ("winnow clean --format ", {"text", "json", "html"}, False),
    ("winnow clean --ex", {"--explain"}, False),
    ("winnow clean --explain p", {"page.html"}, False),
    ("winnow check ", {"url", "robots", "date", "charset", "sitemap", "feed"}, False),
    ("winnow schema --for du", {"duckdb"}, False),
    ("winnow crawl --json -o n", {"news"}, False),
    ("winnow queue cat --from 3 n", {"news"}, False),
    ("winnow crawl -O fetch.tl", {"fetch.tls=", "fetch.tls_verify="}, False),
    ("winnow crawl -O dedup.mode=m", {"dedup.mode=mark"}, False),
    ("winnow completion ", {"bash", "zsh", "fish"}, False),
    ("winnowd -o keep.ra", {"keep.raw=", "keep.raw_bytes="}, False),
    ("winnowd -c wi", {"winnowd.conf"}, False),
)


def script(tmp, shell):
    if shutil.which(shell) is None:
        raise sites.Cases.Skip("no " + shell)
    rc, out, err = sites.run([WINNOW, "completion", shell])
    assert rc == 0 and err == "" and out.endswith("\n"), (rc, err)
    path = os.path.join(tmp, "completion." + shell)
    with open(path, "w", encoding="utf-8") as f:
        f.write(out)
    rc, _, err = sites.run([shell, "-n", path])
    assert rc == 0 and err == "", err
    return path


def judge(line, got, want, more):
    got = {g.rstrip("/") for g in got}
    assert want <= got if more else want == got, (line, sorted(got))


# ---- bash ------------------------------------------------------------------

BASH = r"""
source "$1"
complete -p winnow winnowd >/dev/null || exit 1
# as readline does: words are cut at blanks, and at = and : too
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
IFS= read -r line
COMP_WORDS=() word=
for ((i = 0; i < ${#line}; i++)); do
	c=${line:i:1}
	case $c in
	' ') [[ $word ]] && COMP_WORDS+=("$word"); word= ;;
	[=:]) [[ $word ]] && COMP_WORDS+=("$word"); COMP_WORDS+=("$c"); word= ;;
	*) word+=$c ;;
	esac
done
[[ $c == [=:] ]] || COMP_WORDS+=("$word")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_winnow
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(tmp):
    path = script(tmp, "bash")
    for line, want, more in CASES:
        rc, out, err = sites.run(["bash", "-c", BASH, "bash", path], stdin=line, cwd=tmp)
        assert rc == 0 and err == "", (line, err)
        if "=" in line:  # readline keeps what stands before the =
            want = {w.split("=", 1)[1] for w in want}
        judge(line, set(out.split("\n")) - {""}, want, more)


def bash_options(tmp):
    """Every option of a command, of each its letter and its name."""
    path = script(tmp, "bash")
    rc, out, _ = sites.run(["bash", "-c", BASH, "bash", path], stdin="winnow crawl -")
    assert rc == 0 and set(out.split()) == {
        "-o", "-c", "-O", "--max-pages", "--max-depth", "--max-time", "--json", "-q",
        "--quiet", "--help"}, out
    for line, want in (("winnow clean --format=h", "html"),
                       ("winnow seed add http://h.test/ p", "page.html"),
                       ("winnow why -O fetch.tls=o", "old")):
        _, out, _ = sites.run(["bash", "-c", BASH, "bash", path], stdin=line, cwd=tmp)
        assert out.split() == [want], (line, out)


# ---- fish ------------------------------------------------------------------

def fish(tmp):
    path = script(tmp, "fish")
    env = dict(os.environ, HOME=tmp, XDG_CONFIG_HOME=tmp, XDG_DATA_HOME=tmp)
    for line, want, more in CASES:
        p = subprocess.run(["fish", "-c", "source $argv[1]; complete -C $argv[2]", path, line],
                           cwd=tmp, env=env, capture_output=True, text=True, timeout=300,
                           check=False)
        assert p.returncode == 0 and p.stderr == "", (line, p.stderr)
        judge(line, {w.split("\t")[0] for w in p.stdout.splitlines()}, want, more)


# ---- zsh: on a terminal of its own, what it is given to offer is written down ---

ZSH = r"""
PS1= PS2= RPS1=
autoload -Uz compinit && compinit -u -d $OUT.dump
source $FILE
compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return $?
	fi
	typeset -a hits
	builtin compadd -A hits "$@"
	[[ -z $hits ]] || print -rl -- $hits >> $OUT
	builtin compadd "$@"
}
written() { print -r -- "=end" >> $OUT; zle kill-whole-line }
zle -N written
bindkey -e
bindkey '^X' written
bindkey '^I' complete-word
print -r -- "=end" >> $OUT
"""


class Zsh:
    def __init__(self, tmp, path):
        self.out = os.path.join(tmp, "zsh.out")
        with open(os.path.join(tmp, "zsh.setup"), "w", encoding="utf-8") as f:
            f.write(ZSH)
        try:
            self.pid, self.fd = pty.fork()
        except OSError as e:
            raise sites.Cases.Skip("no terminal to give to zsh: %s" % e) from e
        if self.pid == 0:
            os.chdir(tmp)
            os.environ.update(OUT=self.out, FILE=path, TERM="dumb", HOME=tmp,
                              ZDOTDIR=tmp, LC_ALL="C.UTF-8")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.type("source ./zsh.setup\n")

    def type(self, keys):
        """What was offered until the end was written."""
        open(self.out, "w", encoding="utf-8").close()
        os.write(self.fd, keys.encode())
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.02)[0]:
                os.read(self.fd, 65536)
            with open(self.out, encoding="utf-8") as f:
                got = f.read()
            if got.endswith("=end\n"):
                return set(got.split("\n")) - {"", "=end"}
        raise AssertionError(("zsh did not answer", keys))

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def zsh(tmp):
    path = script(tmp, "zsh")
    z = Zsh(tmp, path)
    try:
        for line, want, more in CASES:
            judge(line, z.type(line + "\t\x18"), want, more)
    finally:
        z.close()


def zsh_autoloaded(tmp):
    """As it is installed: a file _winnow of fpath."""
    path = script(tmp, "zsh")
    folder = os.path.join(tmp, "fpath")
    os.mkdir(folder)
    shutil.copy(path, os.path.join(folder, "_winnow"))
    setup = os.path.join(tmp, "add.zsh")
    with open(setup, "w", encoding="utf-8") as f:
        f.write("fpath=(%s $fpath); compinit -u -D\n" % folder)
    z = Zsh(tmp, setup)
    try:
        assert z.type("winnow cl\t\x18") == {"clean"}
        assert z.type("winnow queue v\t\x18") == {"verify"}
    finally:
        z.close()


def main():
    c = sites.Cases()
    with sites.workdir() as tmp:
        os.mkdir(os.path.join(tmp, "news"))
        for name in ("page.html", "winnowd.conf"):
            open(os.path.join(tmp, name), "w", encoding="utf-8").close()
        for name, fn in (
                ("completion: bash offers commands, values, files and settings", bash),
                ("completion: bash offers options, and joins what it cuts at = and :",
                 bash_options),
                ("completion: fish offers the same", fish),
                ("completion: zsh offers the same", zsh),
                ("completion: zsh finds it in fpath", zsh_autoloaded)):
            c.case(name, fn, tmp)
    return c.failed != 0


if __name__ == "__main__":
    sys.exit(main())
