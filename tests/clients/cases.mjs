// What the four scripts share: where they ask, what they show and offer, and how a case is told (one line of JSON each).
import assert from 'node:assert/strict';

export const { BASE, MODEL } = process.env;
export const PROVIDER = MODEL.split(':')[0];
export const HELLO = 'Hello there', CALL = 'Call get_weather, please', SUNNY = 'Sunny, 21 degrees';
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const SCHEMA = {
  type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city', 'days'],
  additionalProperties: false,
};
export const ERRORS = { 'sandbox-400': 400, 'sandbox-404': 404, 'sandbox-429': 429, 'sandbox-503': 503 };

export function has(text, part) { assert.ok(String(text).includes(part), `${part} is not in ${JSON.stringify(text)}`); }

export async function run(cases) {
  for (const [name, check] of Object.entries(cases)) {
    let error = null;
    try { await check(); } catch (raised) { error = String(raised?.stack ?? raised); }
    console.log(JSON.stringify({ name, error }));
  }
}

export async function refused(kind, status, ask) {
  await assert.rejects(ask, error => {
    assert.ok(error instanceof kind, `${error?.name} is not ${kind.name}`);
    assert.equal(error.status, status);
    return true;
  });
}
