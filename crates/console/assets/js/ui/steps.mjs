// @ts-check
// The step of an import. Earlier steps that may be opened are links; later ones never are.
import { html } from '../../vendor/preact.mjs';
import { to } from '../router.mjs';
import { t } from '../words.mjs';
import { Icon } from './icon.mjs';

export const STEPS = ['unggah', 'cocokkan', 'periksa', 'jalankan', 'hasil'];

/** @param {{step: string, job?: string, open?: string[]}} props `open`: what may be gone to */
export function Steps({ step, job, open = [] }) {
  const at = STEPS.indexOf(step);
  return html`<ol class="steps" aria-label=${t('steps.label')}>
    ${STEPS.map((name, index) => {
      const isDone = index < at;
      const inside = html`<span class="circle" aria-hidden="true">${isDone ? html`<${Icon} name="done" />` : index + 1}</span><span class="word">${t(`step.${name}`)}</span>`;
      const isLink = index !== at && job && open.includes(name);
      return html`<li key=${name} class=${[isDone ? 'done' : '', index === at ? 'now' : ''].join(' ')}>
        ${isLink ? html`<a href=${to(`impor/${job}/${name}`)}>${inside}</a>` : html`<span class="step" aria-current=${index === at ? 'step' : null}>${inside}</span>`}
      </li>`;
    })}
  </ol>`;
}
