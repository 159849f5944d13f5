"""A company's own site, on another origin than Zhiyin's server."""

from __future__ import annotations

import http.server
import threading
from typing import Any

PAGE = (
    '<!doctype html><html lang="{language}"{more}><head><meta charset=utf-8>'
    '<meta name=viewport content="width=device-width, initial-scale=1"><title>Shop</title></head>'
    "<body><main><h1>Shop</h1><p>Tea, and what goes with it.</p>"
    "<p><label>Search <input id=search></label></p><div id=here></div>{tall}</main>"
    "{scripts}</body></html>"
)

TALL = "<p>Tea.</p>" * 200


class Shop:
    """Its pages load both scripts; a query says otherwise.

    Its policy is as strict as one can be: no inline style, no inline script, no frame but ours.

    Args:
        zhiyin: address of the server.
    """

    def __init__(self, zhiyin: str, key: str, port: int = 0) -> None:
        shop, self.zhiyin = self, zhiyin
        self.key = key

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = shop.page(self.path).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", shop.policy(self.path))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port: int = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """Localhost and 127.0.0.1 are two origins, and two sites."""
        return f"http://localhost:{self.port}"

    def policy(self, path: str) -> str:
        frames = "'none'" if "noframe" in path else self.zhiyin
        return (
            f"default-src 'none'; script-src {self.zhiyin}; connect-src {self.zhiyin};"
            f" frame-src {frames}; require-trusted-types-for 'script'"
        )

    def page(self, path: str) -> str:
        _path, _mark, query = path.partition("?")
        more = ' data-consent="required"' if "consent" in query else ""
        if "customer=" in query:
            customer, _dot, proof = query.partition("customer=")[2].partition(".")
            more += f' data-customer="{customer}" data-proof="{proof}"'
        names = ["w"] if "alone" in query else ["z", "w"]
        return PAGE.format(
            language="zh-CN" if "zh" in query else "en",
            more=" dir=rtl" if "rtl" in query else "",
            tall=TALL if "tall" in query else "",
            scripts="".join(
                f'<script async src="{self.zhiyin}/{name}.js" data-key="{self.key}"{more}></script>'
                for name in names
            ),
        )

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
