// Stands for the secure module of this name in the page's tests: a link is whole when it has 66 digits.

export async function parseSecureLink({ pathname, hash }) {
  const digits = hash.slice('#2.'.length);
  if (digits.length !== 66) return { problem: digits.length < 66 ? 'incomplete' : 'damaged' };
  return { link: { id: pathname.split('/').at(-1), token: 'viewer-token-0123456789', agent: [...digits], expiresAt: Date.now() + 86_400_000 } };
}
