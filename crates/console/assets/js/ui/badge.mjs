// @ts-check
// The state of a job as a word, a colour and a sign.
import { html } from '../../vendor/preact.mjs';
import { stateOf } from '../store.mjs';
import { t } from '../words.mjs';
import { Icon } from './icon.mjs';

/** @type {Record<string, [string, string]>} */
const LOOKS = {
  draft: ['quiet', 'pencil'],
  ready: ['info', 'dot'],
  unready: ['warn', 'alert'],
  validating: ['info', 'arrow'],
  importing: ['info', 'arrow'],
  done: ['good', 'check'],
  partly: ['warn', 'check'],
  failed: ['bad', 'cross'],
  stopped: ['quiet', 'stop'],
  discarded: ['quiet', 'stop'],
  rolled_back: ['quiet', 'undo'],
};

/** @param {{job: any}} props */
export function Badge({ job }) {
  const state = stateOf(job);
  const [look, icon] = LOOKS[state] ?? ['quiet', 'dot'];
  return html`<span class=${`badge ${look}`}><${Icon} name=${icon} />${t(`state.${state}`, { p: job.progress_percentage ?? 0 })}</span>`;
}
