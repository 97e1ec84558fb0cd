import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { BASE, CALL, ERRORS, HELLO, MODEL, PNG, PROVIDER, SCHEMA, SUNNY, has, refused, run } from './cases.mjs';

const client = new Anthropic({ baseURL: BASE, apiKey: 'any', maxRetries: 0 });
const { messages } = client;
const tools = [{ name: 'get_weather', description: 'The weather.', input_schema: SCHEMA }];
const common = { model: MODEL, max_tokens: 4000 };
const Person = z.object({ name: z.string(), age: z.number() });
const said = content => [{ role: 'user', content }];
const text = message => message.content.filter(block => block.type === 'text').map(block => block.text).join('');
const ask = (stream, asked) => (stream ? messages.stream(asked).finalMessage() : messages.create(asked));

async function roundTrip(stream, more) {
  const first = await ask(stream, { ...common, tools, messages: said(CALL), ...more });
  const call = first.content.find(block => block.type === 'tool_use');
  assert.deepEqual([first.stop_reason, Object.keys(call.input).sort()], ['tool_use', ['city', 'days']]);
  const result = said([{ type: 'tool_result', tool_use_id: call.id, content: SUNNY }]);
  const history = [...said(CALL), { role: 'assistant', content: first.content }, ...result];
  has(text(await ask(stream, { ...common, tools, messages: history, ...more })), SUNNY);
  return first;
}

await run({
  async plain() {
    const answer = await messages.create({ ...common, messages: said(HELLO) });
    has(text(answer), HELLO);
    assert.equal(answer.stop_reason, 'end_turn');
    assert.ok(answer.usage.output_tokens > 0);
  },
  async streaming() {
    const stream = messages.stream({ ...common, messages: said(HELLO) });
    let told = '';
    stream.on('text', delta => { told += delta; });
    const final = await stream.finalMessage();
    has(told, HELLO);
    assert.equal(text(final), told);
    assert.ok(final.usage.output_tokens > 0);
  },
  async tools() { for (const stream of [false, true]) await roundTrip(stream, {}); },
  async runner() {
    const tool = { type: 'custom', ...tools[0], run: async () => SUNNY, parse: input => input };
    has(text(await client.beta.messages.toolRunner({ ...common, messages: said(CALL), tools: [tool] })), SUNNY);
  },
  async images() {
    const content = [{ type: 'text', text: 'What is this?' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }];
    has(text(await messages.create({ ...common, messages: said(content) })), '1 image');
  },
  async structured() {
    const answer = await messages.parse({ ...common, messages: said(HELLO), output_config: { format: zodOutputFormat(Person) } });
    assert.ok(Person.safeParse(answer.parsed_output).success);
  },
  async thinking() {
    for (const stream of [false, true]) {
      const thinking = { type: 'enabled', budget_tokens: 1024, display: 'summarized' };
      const thought = (await roundTrip(stream, { thinking })).content[0];
      assert.ok(thought.type === 'thinking' && thought.thinking && thought.signature, JSON.stringify(thought));
    }
  },
  async errors() {
    for (const [model, told] of Object.entries(ERRORS)) {
      const status = told === 503 && PROVIDER !== 'a' ? 529 : told; // how this dialect says overloaded
      await refused(Anthropic.APIError, status, messages.create({ ...common, model: `${PROVIDER}:${model}`, messages: said(HELLO) }));
    }
    const broken = messages.stream({ ...common, model: `${PROVIDER}:sandbox-error-mid`, messages: said(HELLO) });
    await assert.rejects(broken.finalMessage(), Anthropic.AnthropicError);
  },
});
