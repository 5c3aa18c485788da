import { Kind, valueFromASTUntyped, type OperationDefinitionNode, type ValueNode } from 'graphql';
import { judgeEventName } from '../auth/authorize';
import type { Caller } from '../auth/caller';
import type { EventNameField } from '../auth/operation-policy';

type Variables = Readonly<Record<string, unknown>>;

/**
 * The root fields whose event name the caller may not send, judged before anything runs, so that of two trackEvent
 * fields in one operation neither is stored. Lists are judged item by item in the service, which answers per item.
 */
export function listRefusedEventNames(
  fields: readonly EventNameField[],
  {
    operation,
    variables: sent,
    caller,
  }: { operation: OperationDefinitionNode; variables: Variables; caller: Caller },
): readonly EventNameField[] {
  if (fields.length === 0) return fields;
  const variables = { ...readDefaults(operation), ...sent };
  return fields.filter(({ node, argumentPath: [argument, ...rest] }) => {
    const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
    const eventName = value && readAt(value, rest, variables);
    return typeof eventName === 'string' && judgeEventName(caller, eventName.normalize('NFC')) === 'REFUSED';
  });
}

function readDefaults({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}

/** The value at a path below an argument, whether written out or in variables; undefined when it is not there. */
function readAt(node: ValueNode, path: readonly string[], variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) {
    return path.reduce<unknown>(
      (value, step) => (typeof value === 'object' && value !== null ? (value as Variables)[step] : undefined),
      variables[node.name.value],
    );
  }
  const [step, ...rest] = path;
  if (step === undefined) return node.kind === Kind.STRING ? node.value : undefined;
  const field = node.kind === Kind.OBJECT ? node.fields.find(({ name }) => name.value === step) : undefined;
  return field && readAt(field.value, rest, variables);
}
