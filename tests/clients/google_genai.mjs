import assert from 'node:assert/strict';
import { ApiError, GoogleGenAI } from '@google/genai';
import { BASE, CALL, ERRORS, HELLO, MODEL, PNG, PROVIDER, SCHEMA, SUNNY, has, refused, run } from './cases.mjs';

const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: BASE } });
const tools = [{ functionDeclarations: [{ name: 'get_weather', description: 'The weather.', parametersJsonSchema: SCHEMA }] }];
const said = text => [{ role: 'user', parts: [{ text }] }];
const words = parts => parts.filter(part => part.text && !part.thought).map(part => part.text).join('');

async function ask(stream, contents, config) {
  if (!stream) return (await client.models.generateContent({ model: MODEL, contents, config })).candidates[0].content.parts;
  const parts = [];
  for await (const chunk of await client.models.generateContentStream({ model: MODEL, contents, config })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
  }
  return parts;
}

async function roundTrip(stream, more) {
  const parts = await ask(stream, said(CALL), { tools, ...more });
  const { functionCall } = parts.find(part => part.functionCall);
  assert.deepEqual(Object.keys(functionCall.args).sort(), ['city', 'days']);
  const functionResponse = { id: functionCall.id, name: functionCall.name, response: { result: SUNNY } };
  const history = [...said(CALL), { role: 'model', parts }, { role: 'user', parts: [{ functionResponse }] }];
  has(words(await ask(stream, history, { tools, ...more })), SUNNY);
  return parts;
}

await run({
  async plain() {
    const answer = await client.models.generateContent({ model: MODEL, contents: HELLO, config: { systemInstruction: 'Be terse.' } });
    has(answer.text, HELLO);
    assert.equal(answer.candidates[0].finishReason, 'STOP');
    assert.ok(answer.usageMetadata.totalTokenCount > 0);
  },
  async streaming() { has(words(await ask(true, said(HELLO), {})), HELLO); },
  async tools() { for (const stream of [false, true]) await roundTrip(stream, {}); },
  async images() {
    const contents = [{ inlineData: { mimeType: 'image/png', data: PNG } }, { text: 'What is this?' }];
    has((await client.models.generateContent({ model: MODEL, contents })).text, '1 image');
  },
  async structured() {
    const config = { responseMimeType: 'application/json', responseJsonSchema: SCHEMA };
    const told = JSON.parse((await client.models.generateContent({ model: MODEL, contents: HELLO, config })).text);
    assert.deepEqual(Object.keys(told).sort(), ['city', 'days']);
  },
  async thinking() {
    for (const stream of [false, true]) {
      const thinkingConfig = { includeThoughts: true, thinkingBudget: 2048 };
      const parts = await roundTrip(stream, { thinkingConfig });
      assert.ok(parts.some(part => part.thought && part.text));
      assert.ok(PROVIDER === 'c' || parts.some(part => part.thoughtSignature));
    }
  },
  async errors() {
    for (const [model, status] of Object.entries(ERRORS)) {
      await refused(ApiError, status, client.models.generateContent({ model: `${PROVIDER}:${model}`, contents: HELLO }));
    }
    await assert.rejects(async () => {
      const stream = await client.models.generateContentStream({ model: `${PROVIDER}:sandbox-error-mid`, contents: HELLO });
      for await (const chunk of stream) assert.ok(chunk);
    });
  },
});
