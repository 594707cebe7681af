// Several changes as one step to undo.
class Together {
  preExecute({ work }) {
    work();
  }
}

export class Commands {
  static $inject = ['commandStack'];

  constructor(commandStack) {
    this.stack = commandStack;
    commandStack.registerHandler('komp.together', Together);
  }

  together(work) {
    this.stack.execute('komp.together', { work });
  }
}
