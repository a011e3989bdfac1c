// How many decimals a currency has: by ISO 4217, as the servers count, and not by the browser, which leaves out the decimals
// that no cash has (nodes/domain/currency.py says the same).

const NONE = new Set(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"]);
const THREE = new Set(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);

/** BRL -> 2, JPY -> 0. */
export const decimals = (currency) => (NONE.has(currency) ? 0 : THREE.has(currency) ? 3 : 2);
