// Parts of town, so that a map without streets can be read: the last part of the points' addresses.

/** "Av. Sete de Setembro 120, Barra" -> "Barra"; null where the address has one part. */
export function districtOf(address) {
  const parts = (address ?? "").split(/,| - | · /).map((part) => part.trim());
  const last = parts.at(-1);
  return parts.length > 1 && last.length > 2 && last.length < 30 && !/\d/.test(last) ? last : null;
}
