// The site as a server sends it that compresses and keeps its connections: what a reader on a slow line gets.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { site } from "./browser.mjs";

const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

// Resolves to { address, sent, close }; sent maps each path to the bytes of its last body.
export async function serve() {
    const sent = new Map(), ready = new Map();
    const compressed = name => {
        if (!ready.has(name)) ready.set(name, gzipSync(fs.readFileSync(path.join(site, name))));
        return ready.get(name);
    };
    const server = http.createServer({ keepAliveTimeout: 30000 }, (request, response) => {
        const name = path.normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/^[/.]+/, "");
        if (!fs.existsSync(path.join(site, name)) || !name) {
            response.writeHead(name === "favicon.ico" ? 204 : 404).end(); // which a browser asks for by itself
            return;
        }
        const body = compressed(name);
        sent.set(name, body.length);
        response.writeHead(200, { "Content-Type": types[path.extname(name)] ?? "application/octet-stream",
            "Content-Encoding": "gzip", "Content-Length": body.length }).end(body);
    });
    await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
    return { address: `http://127.0.0.1:${server.address().port}/`, sent,
        close: () => new Promise(resolve => { server.closeAllConnections(); server.close(resolve); }) };
}
