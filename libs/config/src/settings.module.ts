/**
 * Puts a program's checked settings into Nest's hands, under their abstract class as the token.
 * It reads nothing itself: the program loads its settings before Nest starts, so that faults end it early.
 */
import { type Abstract, type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';

const SETTINGS = 'settings';

@Module({})
export class SettingsModule {
  static forRoot<T extends object>(token: Abstract<T>, settings: T): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      imports: [
        ConfigModule.forRoot({
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          load: [() => ({ [SETTINGS]: settings })],
        }),
      ],
      providers: [
        {
          provide: token,
          inject: [ConfigService],
          useFactory: (config: ConfigService) => config.getOrThrow<T>(SETTINGS),
        },
      ],
      exports: [token],
    };
  }
}
