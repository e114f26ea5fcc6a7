// @ts-check
// A draft that is being changed: choices are shown at once and sent a moment after the last one; what the server refuses goes back
// to what it was.
import { useEffect, useRef, useState } from '../../vendor/preact.mjs';
import { get, JOBS, patch } from '../api.mjs';
import { put } from '../store.mjs';
import { t } from '../words.mjs';
import { useLoad, useNews } from '../ui/load.mjs';
import { say } from '../ui/status.mjs';

/** Choices come in rows of several; one request carries them. */
const SETTLE_MS = 400;
const PREVIEW_ROWS = 20;

/** @param {string} id @param {string} changedAt */
export function useDraft(id, changedAt) {
  const load = useLoad((signal) => get(`${JOBS}/${id}/preview`, { query: { rows: PREVIEW_ROWS }, signal }), [id]);
  const [pending, setPending] = useState(/** @type {any} */ ({}));
  const [fault, setFault] = useState(/** @type {{error: any, where: string} | null} */ (null));
  const waiting = useRef(/** @type {any} */ ({}));
  const timer = useRef(0);
  const sending = useRef(/** @type {Promise<void>} */ (Promise.resolve()));
  const where = useRef('');

  // A colleague or another tab may have changed it meanwhile.
  const look = () => {
    if (!document.hidden && Object.keys(waiting.current).length === 0) load.reload();
  };
  const own = useNews(changedAt, look);
  useEffect(() => {
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      flush();
    };
  }, [id]);

  /** @param {any} part of the body of the change @param {string} [at] where on the page a refusal belongs */
  function change(part, at = '') {
    waiting.current = { ...waiting.current, ...part, ...(part.columns ? { columns: { ...waiting.current.columns, ...part.columns } } : {}) };
    where.current = at;
    setPending(waiting.current);
    setFault(null);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, SETTLE_MS);
  }

  /** Sends what waits, after what is on its way. Whether all of it was taken. */
  async function flush() {
    clearTimeout(timer.current);
    const before = sending.current;
    let wasTaken = true;
    sending.current = (async () => {
      await before;
      const body = waiting.current;
      if (Object.keys(body).length === 0) return;
      waiting.current = {};
      own.current = true;
      try {
        load.set(await patch(`${JOBS}/${id}`, body));
        put({ id, validated_at: null, can_proceed: false, ...(body.import_type ? { import_type: body.import_type } : {}) });
        say(t('saved'));
      } catch (error) {
        wasTaken = false;
        own.current = false;
        setFault({ error, where: where.current });
      }
      setPending(waiting.current);
    })();
    await sending.current;
    return wasTaken;
  }

  return { load, pending, fault, change, flush };
}
