// What the official parser says of AsyncAPI documents.
//
// BOARD_URL is the address of the example that serves one; tests/it/asyncapi/everything.json is the document of
// a contract with everything in it.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {DiagnosticSeverity, Parser} from '@asyncapi/parser';

const everything = () =>
  readFile(new URL('../it/asyncapi/everything.json', import.meta.url), 'utf8');

/** Reads a document, and what is wrong with it: all but that AsyncAPI has a newer version. */
async function parse(text) {
  const {document, diagnostics} = await new Parser().parse(text);
  const problems = diagnostics.filter(({severity}) => severity < DiagnosticSeverity.Information);
  return {document, problems: problems.map(({path, message}) => `${path.join('/')}: ${message}`)};
}

describe('AsyncAPI', () => {
  test('a contract with everything in it is a valid document', async () => {
    const {document, problems} = await parse(await everything());
    assert.deepEqual(problems, []);
    const channels = document.channels().all().map(channel => channel.address());
    assert.deepEqual(channels.sort(), ['/', '/chat', '/room/{id}/{rest}', '/root']);
    const [find] = document.channels().get('root').messages().filterBy(message => message.name() === 'find it');
    const [positional] = find.payload().anyOf();
    assert.deepEqual(positional.items().map(item => item.title()), ['query', 'limit', 'from']);
    const save = document.operations().get('root.save');
    assert.deepEqual(save.reply().messages().all().map(message => message.id()), ['save.answer', 'save.error']);
  });

  test('what an example serves is a valid document', async () => {
    assert(process.env.BOARD_URL, 'BOARD_URL must be the address of a running server');
    const answer = await fetch(`${process.env.BOARD_URL}/api/asyncapi.json`);
    const {document, problems} = await parse(await answer.text());
    assert.deepEqual(problems, []);
    const received = document.operations().filterByReceive().map(one => one.messages()[0].name());
    assert.deepEqual(received, ['load', 'pen', 'stroke', 'undo']);
    const sent = document.operations().filterBySend().map(one => one.messages()[0].name());
    assert.deepEqual(sent, ['faded', 'pen', 'people', 'stroke', 'undone', 'you']);
  });

  for (const [broken, from, to] of [
    ['a type that there is not', '"type": "integer"', '"type": "whole"'],
    ['a reference to nothing', '#/components/schemas/Kind', '#/components/schemas/Nobody'],
    ['a message of another channel', '"#/channels/chat/messages/talk"', '"#/channels/root/messages/add"'],
    ['no title', '"title": "Everything"', '"x-title": "Everything"'],
  ]) {
    test(`a document with ${broken} is refused`, async () => {
      const text = await everything();
      assert(text.includes(from));
      const {problems} = await parse(text.replaceAll(from, to));
      assert.notDeepEqual(problems, []);
    });
  }
});
