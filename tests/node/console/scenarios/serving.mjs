// How the pages are served: addresses, policy, caching, sizes. No browser is needed for these.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const ASSETS = fileURLToPath(new URL('../../../../crates/console/assets/', import.meta.url));
const HTML = { Accept: 'text/html,application/xhtml+xml' };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Bytes that a first visit and all visits may load, compressed; requests of a first visit. Pages for programs are 5 KB of all. */
const FIRST_LOAD = 60_000;
const EVERYTHING = 100_000;
const MOST_REQUESTS = 30;

const ask = (url, init = {}) => fetch(url, { redirect: 'manual', ...init });

/** Modules that a module imports, at once and when somebody goes there. */
async function imports(path) {
  const text = await readFile(join(ASSETS, path), 'utf8');
  const resolve = (name) => posix.join(posix.dirname(path), name);
  const named = (pattern) => [...text.matchAll(pattern)].map((match) => resolve(match[1]));
  return {
    atOnce: named(/^(?:import|export)[^'"]*?['"](\.[^'"]+)['"]/gm),
    later: [...named(/import\(['"](\.[^'"]+)['"]\)/g), ...[...text.matchAll(/lazily\('(\w+)'/g)].map((match) => `js/screens/${match[1]}.mjs`)],
  };
}

/** Everything that is loaded with a module; what is loaded later is not followed. */
async function closure(entry) {
  const found = new Set();
  const waiting = [entry];
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (found.has(path)) continue;
    found.add(path);
    waiting.push(...(await imports(path)).atOnce);
  }
  return [...found];
}

async function files(folder = '') {
  const all = [];
  for (const entry of await readdir(join(ASSETS, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) all.push(...(await files(path)));
    else all.push(path);
  }
  return all;
}

/** What they are when they arrive: comments and indentation of our own modules stay at home. */
async function gzipped(base, version, paths) {
  let sum = 0;
  for (const path of paths) {
    const url = path === 'index.html' ? `${base}/console/` : `${base}/console/assets/${version}/${path}`;
    const answer = await ask(url, { headers: { ...HTML, 'Accept-Encoding': 'identity' } });
    assert.equal(answer.status, 200, url);
    sum += gzipSync(Buffer.from(await answer.arrayBuffer()), { level: 9 }).length;
  }
  return sum;
}

export const scenarios = [
  {
    name: '32 addresses, policy and caching',
    async run({ base }) {
      const page = await ask(`${base}/console/`, { headers: HTML });
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
      const text = await page.text();
      const deep = await ask(`${base}/console/x/y`, { headers: HTML });
      assert.equal(deep.status, 200);
      assert.equal(await deep.text(), text);
      for (const [name, value] of Object.entries({
        'content-security-policy': POLICY,
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      })) {
        assert.equal(page.headers.get(name), value, name);
      }
      const tag = page.headers.get('etag');
      assert.match(tag, /^"[0-9a-f]{12}"$/);
      const known = await ask(`${base}/console/x`, { headers: { ...HTML, 'If-None-Match': tag } });
      assert.equal(known.status, 304);
      assert.equal(known.headers.get('content-security-policy'), POLICY);

      const root = await ask(`${base}/`, { headers: HTML });
      assert.equal(root.status, 302);
      assert.equal(root.headers.get('location'), '/console/');
      for (const path of ['/', '/console/x/y']) {
        const program = await ask(`${base}${path}`, { headers: { Accept: 'application/json' } });
        assert.equal(program.status, 404, path);
        assert.equal((await program.json()).code, 'route_not_found');
      }

      const version = tag.slice(1, -1);
      const address = `${base}/console/assets/${version}/js/main.mjs`;
      for (const [coding, expected] of [['gzip', 'gzip'], ['identity', null]]) {
        const asset = await ask(address, { headers: { 'Accept-Encoding': coding } });
        assert.equal(asset.status, 200);
        assert.equal(asset.headers.get('content-encoding'), expected);
        assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
        assert.equal(asset.headers.get('vary'), 'accept-encoding');
        assert.match(await asset.text(), /^import /);
      }
      const head = await ask(address, { method: 'HEAD' });
      assert.equal(head.status, 200);
      for (const wrong of [`${base}/console/assets/000000000000/js/main.mjs`, `${base}/console/assets/${version}/js/none.mjs`, `${base}/console/assets/${version}/vendor/VENDOR.md`]) {
        assert.equal((await ask(wrong)).status, 404, wrong);
      }
      for (const path of ['/console/', '/console', '/console/x', address.slice(base.length)]) {
        const posted = await ask(`${base}${path}`, { method: 'POST', headers: HTML });
        assert.equal(posted.status, 405, path);
        assert.equal(posted.headers.get('allow'), 'GET, HEAD');
      }
    },
  },
  {
    name: '31 sizes and the number of modules',
    async run({ base, figures }) {
      const version = (await ask(`${base}/console/`, { headers: HTML })).headers.get('etag').slice(1, -1);
      // The login and the list; the wizard is fetched when they stand. A visit loads one language.
      const first = [...(await closure('js/main.mjs')), 'index.html', 'app.css', 'icons.svg', 'i18n/id.mjs'];
      const all = (await files()).filter((path) => /\.(mjs|css|svg|html)$/.test(path) && !/^i18n\/(help-)?en\.mjs$/.test(path));
      const wizard = new Set([...first, ...(await closure('js/screens/upload.mjs')), ...(await closure('js/screens/job.mjs'))]);
      // What the page asks for at once is what its modules would ask for one after another, and the words of the usual language.
      const page = await readFile(join(ASSETS, 'index.html'), 'utf8');
      const preloaded = [...page.matchAll(/rel="modulepreload" href="\/console\/assets\/\{\{version\}\}\/([^"]+)"/g)].map(([, path]) => path);
      assert.deepEqual(preloaded.sort(), [...(await closure('js/main.mjs')), 'i18n/id.mjs'].sort());
      figures.firstLoad = await gzipped(base, version, first);
      figures.requests = first.length;
      figures.withWizard = await gzipped(base, version, wizard);
      figures.everything = await gzipped(base, version, all);
      assert.ok(figures.firstLoad <= FIRST_LOAD, `the first load is ${figures.firstLoad} bytes, at most ${FIRST_LOAD}`);
      assert.ok(figures.everything <= EVERYTHING, `all of it is ${figures.everything} bytes, at most ${EVERYTHING}`);
      assert.ok(figures.requests <= MOST_REQUESTS, `a first load is ${figures.requests} requests, at most ${MOST_REQUESTS}`);
    },
  },
  {
    name: 'own modules make no markup of text, and what others wrote is what is written down',
    async run() {
      const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\b|Function\(|srcdoc|javascript:/;
      const own = (await files()).filter((path) => /^(js|i18n)\//.test(path));
      for (const path of own) {
        const text = await readFile(join(ASSETS, path), 'utf8');
        assert.doesNotMatch(text, forbidden, path);
        // Links lead to router paths, to parts of the page, or to what this page made itself.
        for (const [, value] of text.matchAll(/\bhref=\$\{([^}]+)/g)) {
          assert.match(value, /^(to\(|here\(|BASE$|`\$\{to\(|`#\$\{|`\$\{sheet)/, `${path}: ${value}`);
        }
        assert.ok((await stat(join(ASSETS, path))).size > 0);
      }
      const vendored = await readFile(join(ASSETS, 'vendor/VENDOR.md'), 'utf8');
      for (const path of ['vendor/preact.mjs', 'icons.svg']) {
        const sum = createHash('sha256').update(await readFile(join(ASSETS, path))).digest('hex');
        assert.ok(vendored.includes(sum), `${path} is not what VENDOR.md says`);
      }
    },
  },
  {
    name: 'both languages have the same words, and every word that is asked for is there',
    async run() {
      const load = async (code) => (await import(join(ASSETS, `i18n/${code}.mjs`))).default;
      const [id, en] = [await load('id'), await load('en')];
      assert.deepEqual(Object.keys(id).sort(), Object.keys(en).sort());
      const values = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
      // A form that goes with a number is English alone.
      const unequal = Object.keys(id).filter((key) => values(en[key]).some((name) => name !== 'n' && !values(id[key]).includes(name)));
      assert.deepEqual(unequal, []);
      const [helpId, helpEn] = [await load('help-id'), await load('help-en')];
      assert.deepEqual(helpId.map(([name]) => name), helpEn.map(([name]) => name));
      for (const path of (await files('js'))) {
        const text = await readFile(join(ASSETS, path), 'utf8');
        for (const [, key] of text.matchAll(/\bt\(\s*'([^']+)'/g)) assert.ok(key in id, `${path} asks for ${key}`);
      }
    },
  },
  {
    name: 'every word of the server that is shown has words in both languages',
    async run({ base }) {
      const { components: { schemas } } = await (await fetch(`${base}/api/openapi.json`)).json();
      // Which of the server's words are shown under which name.
      const shown = { Action: 'action', OnDuplicate: 'duplicates', WebhookEvent: 'event', DeliveryStatus: 'delivery', DeliveryError: 'delivery', Role: 'role', ImportType: 'type' };
      for (const code of ['id', 'en']) {
        const { default: texts } = await import(join(ASSETS, `i18n/${code}.mjs`));
        for (const [schema, name] of Object.entries(shown)) {
          assert.ok(schemas[schema].enum.length > 0, schema);
          assert.deepEqual(schemas[schema].enum.filter((word) => !(`${name}.${word}` in texts)), [], `${code}: ${schema}`);
        }
        // The activities can be filtered by what has words.
        const actions = Object.keys(texts).filter((key) => key.startsWith('action.')).map((key) => key.slice('action.'.length));
        assert.deepEqual(actions.sort(), [...schemas.Action.enum].sort());
      }
    },
  },
];
