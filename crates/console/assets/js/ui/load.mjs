// @ts-check
// Reading from the server, in all its states.
import { html, useEffect, useRef, useState } from '../../vendor/preact.mjs';
import { ApiError } from '../api.mjs';
import { t } from '../words.mjs';
import { Problem } from './problem.mjs';

/** Nothing is drawn for answers that arrive within this time. */
const PATIENCE_MS = 250;
const LONG_MS = 10_000;

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read @param {any[]} on what causes another read
 * @returns {{data: T | null, error: any, isLoading: boolean, reload: () => void, set: (data: T) => void}}
 */
export function useLoad(read, on) {
  const [state, setState] = useState({ data: /** @type {T | null} */ (null), error: /** @type {any} */ (null), isLoading: true });
  const [turn, setTurn] = useState(0);
  const run = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => {
    const control = new AbortController();
    run.current = control;
    setState((last) => ({ ...last, error: null, isLoading: true }));
    read(control.signal).then(
      (data) => !control.signal.aborted && setState({ data, error: null, isLoading: false }),
      (error) => {
        if (control.signal.aborted) return;
        if (!(error instanceof ApiError)) console.error(error);
        setState({ data: null, error, isLoading: false });
      },
    );
    return () => control.abort();
  }, [...on, turn]);
  return {
    ...state,
    reload: () => setTurn(turn + 1),
    // The present data are newer than those that are still being read.
    set: (data) => {
      run.current?.abort();
      setState({ data, error: null, isLoading: false });
    },
  };
}

/**
 * Reads again when the page hears that another tab or a colleague has changed what it shows. What is changed here is known: who does so
 * sets `own` before it is sent.
 * @param {any} at when it was changed last @param {() => void} read
 */
export function useNews(at, read) {
  const own = useRef(false);
  const seen = useRef(at);
  useEffect(() => {
    if (seen.current === at) return;
    seen.current = at;
    if (!own.current) read();
    own.current = false;
  }, [at]);
  return own;
}

/** Grey blocks of about the final size. @param {{lines?: number, retry?: () => void}} props */
export function Loading({ lines = 4, retry }) {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = [setTimeout(() => setStage(1), PATIENCE_MS), setTimeout(() => setStage(2), LONG_MS)];
    return () => timers.forEach(clearTimeout);
  }, []);
  if (stage === 0) return html`<div class="loading" aria-busy="true"></div>`;
  return html`<div class="loading" aria-busy="true">
    ${Array.from({ length: lines }, (_, line) => html`<div key=${line} class="block"></div>`)}
    ${stage === 2 &&
    html`<p>${t('still-loading')} ${retry && html`<button type="button" class="button" onClick=${retry}>${t('retry')}</button>`}</p>`}
  </div>`;
}

/** What was read, or the state in which reading is. @param {{load: ReturnType<typeof useLoad>, lines?: number, children: (data: any) => any}} props */
export function Loaded({ load, lines, children }) {
  if (load.error) return html`<${Problem} error=${load.error} retry=${load.reload} />`;
  if (load.data === null) return html`<${Loading} lines=${lines} retry=${load.reload} />`;
  return children(load.data);
}
