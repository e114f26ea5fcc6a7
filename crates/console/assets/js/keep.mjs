// @ts-check
// What the browser remembers between visits: the language, the last type of import, whether the session is to be kept, and
// whether there may be one. Nothing that identifies a person. A browser that refuses storage remembers nothing.

/** @typedef {'language' | 'import-type' | 'remember' | 'session'} Name */

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

/** Whether what is kept can be relied on: `kept` answers `null` as well where the browser refuses storage. */
export function canKeep() {
  try {
    return localStorage.length >= 0;
  } catch {
    return false;
  }
}
