import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { BASE, CALL, ERRORS, HELLO, MODEL, PNG, PROVIDER, SCHEMA, SUNNY, has, refused, run } from './cases.mjs';

const { responses } = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: 'any', maxRetries: 0 });
const tools = [{ type: 'function', name: 'get_weather', description: 'The weather.', parameters: SCHEMA, strict: true }];
const Person = z.object({ name: z.string(), age: z.number() });
const said = content => [{ role: 'user', content }];
const ask = (stream, asked) => (stream ? responses.stream(asked).finalResponse() : responses.create(asked));

async function roundTrip(stream, more) {
  const first = await ask(stream, { model: MODEL, input: said(CALL), tools, ...more });
  const call = first.output.find(item => item.type === 'function_call');
  assert.deepEqual([call.name, Object.keys(JSON.parse(call.arguments)).sort()], ['get_weather', ['city', 'days']]);
  const output = { type: 'function_call_output', call_id: call.call_id, output: SUNNY };
  const after = await ask(stream, { model: MODEL, input: [...said(CALL), ...first.output, output], tools, ...more });
  has(after.output_text, SUNNY);
  return first;
}

await run({
  async plain() {
    const answer = await responses.create({ model: MODEL, input: HELLO, instructions: 'Be terse.' });
    has(answer.output_text, HELLO);
    assert.equal(answer.status, 'completed');
    assert.ok(answer.usage.total_tokens > 0);
  },
  async streaming() {
    const stream = responses.stream({ model: MODEL, input: HELLO });
    const ids = new Set();
    let text = '';
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.response) ids.add(event.response.id);
    }
    has(text, HELLO);
    assert.equal((await stream.finalResponse()).output_text, text);
    assert.equal(ids.size, 1);
  },
  async tools() { for (const stream of [false, true]) await roundTrip(stream, { store: false }); },
  async images() {
    const content = [{ type: 'input_text', text: 'What is this?' }, { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' }];
    has((await responses.create({ model: MODEL, input: said(content) })).output_text, '1 image');
  },
  async structured() {
    const answer = await responses.parse({ model: MODEL, input: HELLO, text: { format: zodTextFormat(Person, 'person') } });
    assert.ok(Person.safeParse(answer.output_parsed).success);
  },
  async thinking() {
    const more = { store: false, reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'] };
    for (const stream of [false, true]) {
      const thought = (await roundTrip(stream, more)).output[0];
      assert.equal(thought.type, 'reasoning');
      assert.ok(thought.encrypted_content);
    }
  },
  async errors() {
    for (const [model, status] of Object.entries(ERRORS)) {
      await refused(OpenAI.APIError, status, responses.create({ model: `${PROVIDER}:${model}`, input: HELLO }));
    }
    const kinds = [];
    try {
      const stream = await responses.create({ model: `${PROVIDER}:sandbox-error-mid`, input: HELLO, stream: true });
      for await (const event of stream) kinds.push(event.type);
    } catch (error) {
      assert.ok(error instanceof OpenAI.APIError);
      kinds.push('error');
    }
    assert.ok(['error', 'response.failed'].includes(kinds.at(-1)), kinds.at(-1));
  },
});
