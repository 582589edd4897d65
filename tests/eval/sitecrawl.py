"""sitecrawl.py - the invented sites over HTTP on loopback, crawled by the real
engine twice: learning from them, and not."""
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import sitegen

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, '..', 'crawler'))
import sites as crawler  # noqa: E402

ADDRESS = '127.0.9.%d'


class Server(http.server.ThreadingHTTPServer):
    """A site at its own address: path -> body."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, answers, charset):
        super().__init__((address, 0), Handler)
        self.answers, self.charset = answers, charset
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        body = self.server.answers.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header('Content-Type', 'text/html; charset=' + self.server.charset)
        self.send_header('Content-Length', str(len(body or b'none')))
        self.end_headers()
        self.wfile.write(body or b'none')

    def log_message(self, *_):
        pass


def crawl(winnow, seeds, learn):
    """{(address, path): text} of what landed last."""
    with tempfile.TemporaryDirectory(prefix='winnow-gain-') as tmp:
        subprocess.run([winnow, 'crawl', '-q', '-o', tmp, '-O', 'fetch.allow_net=127.0.0.0/8',
                        '-O', 'learn.on=' + learn, *crawler.HURRY, *seeds],
                       check=True, timeout=300)
        out = {}
        for r in crawler.records(tmp):
            u = urllib.parse.urlsplit(r['url'])
            out[u.hostname, u.path.lstrip('/')] = r['text']
        return out


def crawled(winnow, make=sitegen.made):
    import site_gain
    servers, cases, seeds = [], [], []
    for i, (site, pages) in enumerate(make()):
        answers = {'/' + p.name: p.html for p in pages}
        answers['/'] = site.front(pages)
        servers.append(Server(ADDRESS % (i + 2), answers, site.charset))
        seeds.append('http://%s:%d/' % servers[-1].server_address)
        cases.append(site_gain.of_pages(site.name, 'invented, crawled', pages))
    for which, learn in enumerate(('false', 'true')):
        for (address, name), text in crawl(winnow, seeds, learn).items():
            i = int(address.rsplit('.', 1)[1]) - 2
            if name in cases[i].gold:
                cases[i].texts[which][name] = text
    for s in servers:
        s.shutdown()
        s.server_close()
    return cases
