import { html } from '../../vendor/preact.mjs';
export const Job = () => html`<h1>…</h1>`;
