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
  { operation, variables, caller }: Source & { caller: Caller },
): readonly EventNameField[] {
  return fields.filter(({ node, argumentPath: [argument, ...rest] }) => {
    const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
    const eventName = value && readAt(value, rest, { operation, variables });
    return typeof eventName === 'string' && judgeEventName(caller, eventName) === 'REFUSED';
  });
}

interface Source {
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
}

/** The value at a path below an argument, whether written out or in variables; undefined when it is not there. */
function readAt(node: ValueNode, path: readonly string[], source: Source): unknown {
  if (node.kind === Kind.VARIABLE) {
    return path.reduce<unknown>(
      (value, step) => (typeof value === 'object' && value !== null ? (value as Variables)[step] : undefined),
      readVariable(node.name.value, source),
    );
  }
  const [step, ...rest] = path;
  if (step === undefined) return node.kind === Kind.STRING ? node.value : undefined;
  const field = node.kind === Kind.OBJECT ? node.fields.find(({ name }) => name.value === step) : undefined;
  return field && readAt(field.value, rest, source);
}

function readVariable(name: string, { operation, variables }: Source): unknown {
  if (Object.hasOwn(variables, name)) return variables[name];
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.defaultValue && valueFromASTUntyped(definition.defaultValue);
}
