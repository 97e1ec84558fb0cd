import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { BASE, CALL, ERRORS, HELLO, MODEL, PNG, PROVIDER, SCHEMA, SUNNY, has, refused, run } from './cases.mjs';

const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: 'any', maxRetries: 0 });
const chat = client.chat.completions;
const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather.', parameters: SCHEMA } }];
const Person = z.object({ name: z.string(), age: z.number() });
const said = content => [{ role: 'user', content }];

await run({
  async plain() {
    const answer = await chat.create({ model: MODEL, messages: said(HELLO) });
    has(answer.choices[0].message.content, HELLO);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.total_tokens > 0);
  },
  async streaming() {
    const stream = chat.stream({ model: MODEL, messages: said(HELLO), stream_options: { include_usage: true } });
    let text = '';
    stream.on('content', delta => { text += delta; });
    const final = await stream.finalChatCompletion();
    has(text, HELLO);
    assert.equal(final.choices[0].message.content, text);
    assert.ok(final.usage.total_tokens > 0);
  },
  async tools() {
    for (const stream of [false, true]) {
      const asked = [];
      const get_weather = { name: 'get_weather', parameters: SCHEMA, parse: JSON.parse, function: a => { asked.push(a); return SUNNY; } };
      const runner = chat.runTools({ model: MODEL, messages: said(CALL), stream, tools: [{ type: 'function', function: get_weather }] });
      has(await runner.finalContent(), SUNNY);
      assert.deepEqual(Object.keys(asked[0]).sort(), ['city', 'days']);
    }
  },
  async images() {
    const content = [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }];
    has((await chat.create({ model: MODEL, messages: said(content) })).choices[0].message.content, '1 image');
  },
  async structured() {
    const answer = await chat.parse({ model: MODEL, messages: said(HELLO), response_format: zodResponseFormat(Person, 'person') });
    assert.ok(Person.safeParse(answer.choices[0].message.parsed).success);
  },
  async thinking() {
    const common = { model: MODEL, tools, reasoning_effort: 'high', max_completion_tokens: 8000 };
    const { message } = (await chat.create({ ...common, messages: said(CALL) })).choices[0];
    assert.ok(message.reasoning_details ?? message.reasoning_content);
    const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: SUNNY };
    const after = await chat.create({ ...common, messages: [...said(CALL), message, result] });
    has(after.choices[0].message.content, SUNNY);
  },
  async errors() {
    for (const [model, status] of Object.entries(ERRORS)) {
      await refused(OpenAI.APIError, status, chat.create({ model: `${PROVIDER}:${model}`, messages: said(HELLO) }));
    }
    const broken = chat.stream({ model: `${PROVIDER}:sandbox-error-mid`, messages: said(HELLO) });
    await assert.rejects(broken.finalContent(), OpenAI.OpenAIError);
  },
});
