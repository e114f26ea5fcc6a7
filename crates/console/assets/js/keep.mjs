// @ts-check
// What this computer remembers between visits: the language, the last type of import, and whether the session was to be kept.
// Nothing that identifies anybody. A browser that refuses storage remembers nothing.

/** @typedef {'language' | 'import-type' | 'remember'} Name */

/** @param {Name} name @param {string | null} value */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`hijrah-${name}`);
    else localStorage.setItem(`hijrah-${name}`, value);
  } catch {
    // Private windows of some browsers have no storage.
  }
}

/** @param {Name} name */
export function kept(name) {
  try {
    return localStorage.getItem(`hijrah-${name}`);
  } catch {
    return null;
  }
}
