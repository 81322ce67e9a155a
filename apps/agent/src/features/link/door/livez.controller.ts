import { Controller, Get } from '@nestjs/common';

/** Open to all: says that the program runs, and nothing else. */
@Controller('livez')
export class LivezController {
  @Get()
  show(): { readonly status: 'alive' } {
    return { status: 'alive' };
  }
}
