#include "app/commands.h"

int main(int argc, char** argv) { return cosfuse::RunCommandLine({argv + 1, argv + argc}); }
