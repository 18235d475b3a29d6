@echo off
rem Runs the command line of dl4j-ngd, and builds it first where it is missing or older than its sources.
rem
rem   NGD_JAVA_OPTS    options for Java, after the defaults (which they overrule), such as -Xmx4g
rem   NGD_MAVEN_OPTS   options for the build, such as --offline or -Pdl4j-m1.1
rem   JAVA_HOME        the JDK to use, 17 or newer; else the java on the PATH
setlocal EnableExtensions DisableDelayedExpansion

set "NGD_ROOT=%~dp0"
if "%NGD_ROOT:~-1%"=="\" set "NGD_ROOT=%NGD_ROOT:~0,-1%"
set "NGD_TARGET=%NGD_ROOT%\cli\target"
set "NGD_BUILD="

if not defined JAVA_HOME goto java_on_path
set "NGD_JAVA=%JAVA_HOME%\bin\java.exe"
if exist "%NGD_JAVA%" goto java_found
echo ngd: JAVA_HOME is %JAVA_HOME%, but there is no bin\java.exe in it; set it to a JDK, 17 or newer>&2
exit /b 1

:java_on_path
set "NGD_JAVA="
for %%J in (java.exe) do set "NGD_JAVA=%%~$PATH:J"
if defined NGD_JAVA goto java_found
echo ngd: no java found; install a JDK, 17 or newer, or set JAVA_HOME to one>&2
exit /b 1

:java_found
set "NGD_VERSION="
for /f "tokens=3" %%V in ('cmd /c ""%NGD_JAVA%" -version 2>&1" ^| findstr /c:" version "') do if not defined NGD_VERSION set "NGD_VERSION=%%~V"
set "NGD_MAJOR=0"
for /f "tokens=1 delims=.-+" %%M in ("%NGD_VERSION%") do set "NGD_MAJOR=%%M"
if %NGD_MAJOR% GEQ 17 goto check_sources
echo ngd: %NGD_JAVA% is Java %NGD_VERSION%; set JAVA_HOME to a JDK, 17 or newer>&2
exit /b 1

rem PowerShell compares the times: no source may be newer than the stamp, which holds the build's options. The classes of another
rem profile show in the line of Deeplearning4j that is written beside them: another than the one on the class path.
:check_sources
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$ErrorActionPreference = 'Stop'; $root = $env:NGD_ROOT; $stamp = Join-Path $env:NGD_TARGET 'ngd.stamp'; $file = Join-Path $env:NGD_TARGET 'ngd.classpath';" ^
  "if (-not (Test-Path -LiteralPath $stamp) -or -not (Test-Path -LiteralPath $file)) { exit 4 };" ^
  "if ([IO.File]::ReadAllText($stamp).Trim() -ne ([string]$env:NGD_MAVEN_OPTS).Trim()) { exit 4 };" ^
  "$versions = Join-Path $env:NGD_TARGET 'classes\io\github\dl4jngd\cli\report\version.properties';" ^
  "if (-not (Test-Path -LiteralPath $versions) -or [IO.File]::ReadAllText($versions) -notmatch 'deeplearning4j=(\S+)') { exit 4 };" ^
  "if (-not [IO.File]::ReadAllText($file).Contains('nd4j-api-' + $Matches[1] + '.jar')) { exit 4 };" ^
  "foreach ($entry in [IO.File]::ReadAllText($file).Trim().Split(';')) { if (-not (Test-Path -LiteralPath $entry)) { exit 3 } };" ^
  "$built = (Get-Item -LiteralPath $stamp).LastWriteTimeUtc;" ^
  "$sources = @(Get-Item -LiteralPath (Join-Path $root 'pom.xml'));" ^
  "foreach ($module in Get-ChildItem -LiteralPath $root -Directory) { $main = Join-Path $module.FullName 'src\main'; if (Test-Path -LiteralPath $main) { $sources += Get-Item -LiteralPath (Join-Path $module.FullName 'pom.xml'); $sources += Get-Item -LiteralPath $main; $sources += Get-ChildItem -LiteralPath $main -Recurse } };" ^
  "if ($sources | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1) { exit 3 }; exit 0"
set "NGD_STATE=%ERRORLEVEL%"
if "%NGD_STATE%"=="0" goto run

for %%J in ("%NGD_JAVA%") do set "NGD_JAVAC=%%~dpJjavac.exe"
if exist "%NGD_JAVAC%" goto build
for %%J in (javac.exe) do if not "%%~$PATH:J"=="" if not defined JAVA_HOME goto build
echo ngd: building needs a JDK, and there is no javac beside %NGD_JAVA%; set JAVA_HOME to a JDK, 17 or newer>&2
exit /b 1

:build
if exist "%NGD_TARGET%\ngd.classpath" (
    echo ngd: sources or settings have changed, building again ...>&2
) else (
    echo ngd: building for the first time; this fetches about 250 MB of libraries where Maven has none yet ...>&2
)
rem Maven compiles again what has other sources, not what has another profile.
if not "%NGD_STATE%"=="3" for /d %%M in ("%NGD_ROOT%\*") do if exist "%%M\target\classes" rmdir /s /q "%%M\target\classes"
if not exist "%NGD_TARGET%" mkdir "%NGD_TARGET%"
rem As old as the start of the build: what is edited meanwhile counts as changed.
>"%NGD_TARGET%\ngd.stamp.new" echo(%NGD_MAVEN_OPTS%
rem Of what Maven tells: each module, each file of ten megabytes and more that it has fetched, and errors. The status of a pipe is
rem its last command's; but the class path is what Maven writes last of all.
if exist "%NGD_TARGET%\ngd.classpath" del "%NGD_TARGET%\ngd.classpath"
pushd "%NGD_ROOT%"
call mvnw.cmd -B -Plauncher -pl cli -am process-classes -DskipTests -Dspotless.check.skip=true -Djacoco.skip=true -Dlint.failure=-Xlint:none %NGD_MAVEN_OPTS% | findstr /r /c:"^\[INFO\] Building .* \[" /c:"([0-9][0-9]* MB at " /c:"^\[ERROR\]" 1>&2
popd
if not exist "%NGD_TARGET%\ngd.classpath" (
    echo ngd: the build failed; see above>&2
    exit /b 1
)
set "NGD_BUILD=done"
move /y "%NGD_TARGET%\ngd.stamp.new" "%NGD_TARGET%\ngd.stamp" >nul

rem The class path is longer than a command line may be: Java reads it from an argument file, where backslashes are doubled.
:run
set "NGD_ARGUMENTS=%NGD_TARGET%\ngd.arguments"
if exist "%NGD_ARGUMENTS%" if "%NGD_BUILD%"=="" goto start
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$path = (Join-Path $env:NGD_TARGET 'classes') + ';' + [IO.File]::ReadAllText((Join-Path $env:NGD_TARGET 'ngd.classpath')).Trim();" ^
  "[IO.File]::WriteAllText($env:NGD_ARGUMENTS, '-cp \"' + $path.Replace('\', '\\') + '\"')"

:start
rem Threads that spin while they wait take the processor from those that work: OpenMP's, which ND4J runs, and OpenBLAS's own.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
if not defined OPENBLAS_THREAD_TIMEOUT set "OPENBLAS_THREAD_TIMEOUT=4"
rem Progress bars are for terminals.
set "NGD_TERMINAL=false"
powershell -NoProfile -ExecutionPolicy Bypass -Command "if ([Console]::IsErrorRedirected) { exit 1 }" && set "NGD_TERMINAL=true"
rem Heap for Java's own objects; most memory is ND4J's, outside the heap, up to maxbytes.
"%NGD_JAVA%" -Xmx2g -Dorg.bytedeco.javacpp.maxbytes=6g -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Djava.awt.headless=true -Dngd.terminal=%NGD_TERMINAL% %NGD_JAVA_OPTS% "@%NGD_ARGUMENTS%" io.github.dl4jngd.cli.Ngd %*
exit /b %ERRORLEVEL%
