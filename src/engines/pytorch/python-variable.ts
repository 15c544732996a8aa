/** The variable that names the Python to take, here and in the processes that this one starts. */
export const PYTHON_VARIABLE = 'PARLANCE_PYTHON';
