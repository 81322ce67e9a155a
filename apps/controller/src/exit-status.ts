import { Injectable } from '@nestjs/common';
import { EXIT } from './exit-code.js';

/** With what the program will end when no error says otherwise. */
@Injectable()
export class ExitStatus {
  code: number = EXIT.ok;
}
