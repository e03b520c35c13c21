import type { FormInstance } from 'antd';
import { useEffect } from 'react';
import { nameIn } from './form-names.ts';
import type { Problem } from './problem.ts';

/** Shows the server's words for each field at that field, and leads to the first of them. */
export function useFormProblem(form: FormInstance, problem: Problem | undefined): void {
  useEffect(() => {
    if (!problem) return;
    const known = Object.keys(form.getFieldsValue());
    const faulty = Object.entries(problem.fields)
      .map(([path, message]) => ({ name: nameIn(known, path), message }))
      .filter(({ name }) => name !== undefined);
    // antd's type wants the names of one form; these are the names of any.
    form.setFields(faulty.map(({ name, message }) => ({ name, errors: [message] })) as never);
    const first = faulty[0]?.name;
    if (first) form.getFieldInstance(first as never)?.focus?.();
  }, [form, problem]);
}
