# Installs Muster's programs as tasks that Windows starts and restarts, from a folder that `deno task build --target windows-x64` made.
# Runs again without harm: programs and tasks are replaced, settings in C:\ProgramData\Muster never are.
# Run it in a PowerShell with administrator's rights. Not run on Windows yet: docs/platforms.md says what is known.
[CmdletBinding()]
param(
  # What this host is.
  [ValidateSet('controller', 'agent', 'both')] [string] $Role = 'both',
  # Where the programs and SHA256SUMS are.
  [string] $From = $PSScriptRoot,
  # Where the programs go.
  [string] $Prefix = "$env:ProgramFiles\Muster",
  # The controller that the agent registers at; with both, the one on this host.
  [string] $Controller = '',
  # The address of this host to listen on. A controller that others reach is secure.
  [string] $HostAddress = '',
  # What lets an agent join a secure cluster, - to paste it; "controller.exe join-token" on the controller's host prints it.
  [string] $JoinTokenFile = '',
  # Instead of that, a token that controller and agents share, without TLS.
  [string] $TokenFile = '',
  # No token and no TLS, for a lab.
  [switch] $Insecure,
  # Say what would be done, and do nothing.
  [switch] $DryRun,
  # Put the former programs back; a second time undoes that.
  [switch] $Rollback,
  # Remove programs and tasks; settings and state stay.
  [switch] $Uninstall
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$JoinWaitSeconds = 30
$StartWaitSeconds = 30
$Settings = "$env:ProgramData\Muster"
$Services = @(if ($Role -eq 'both') { 'controller', 'agent' } else { $Role })
$Programs = $Services + @(if ($Services -contains 'agent') { 'payload' })
$Papers = "$Settings\agent\identity.json"
$AgentLog = "$Settings\agent\agent.log"

function Invoke-Main {
  $admin = [Security.Principal.WindowsBuiltInRole]::Administrator
  $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
  if (-not $DryRun -and -not $me.IsInRole($admin)) {
    throw "Cannot install: this needs administrator's rights; run it as administrator, or with -DryRun to see what it does"
  }
  if ($Uninstall) { Remove-All } elseif ($Rollback) { Restore-Former } else { Install-All }
}

# --- install ----------------------------------------------------------------------------------------------------------

function Install-All {
  Test-Flags
  $joinToken = Read-JoinToken
  $access = Get-Access
  Test-Processor
  Test-Programs
  $Services | ForEach-Object { Stop-Muster $_ }
  $Programs | ForEach-Object { Install-Program $_ }
  if ($access -eq 'shared' -or $TokenFile) { Write-Token }
  $told = @(Get-Content $AgentLog -ErrorAction SilentlyContinue).Count
  foreach ($name in $Services) {
    Write-Settings $name $access
    if ($name -eq 'agent') {
      if (-not $joinToken -and $Role -eq 'both' -and $access -eq 'secure') { $joinToken = New-JoinToken }
      if ($joinToken -and (Confirm-Step "write $Settings\join-token")) { Write-Secret 'join-token' $joinToken }
    }
    Register-Muster $name
    Start-Muster $name
  }
  if ($DryRun) { return }
  if ($Services -contains 'agent') { Wait-Join $told } else { Write-Host 'the controller runs' }
}

function Test-Flags {
  if ($JoinTokenFile -and $Role -ne 'agent') {
    throw '-JoinTokenFile is for -Role agent; with both, the agent joins by itself'
  }
  if ($JoinTokenFile -and ($TokenFile -or $Insecure)) { throw 'Give one of -JoinTokenFile, -TokenFile and -Insecure' }
  if ($Role -ne 'agent') { return }
  if ($Controller -and $Controller -notmatch '^https?://(127\.|localhost)' -and -not $HostAddress) {
    throw 'Give -HostAddress <address of this host that the controller reaches>'
  }
  if ($JoinTokenFile -and $Controller -notmatch '^https://' -and -not (Test-Path "$Settings\agent.yaml")) {
    throw 'A join token needs -Controller with an https URL'
  }
  $given = $Insecure -or $TokenFile -or $JoinTokenFile
  if (-not $given -and -not (Test-Path "$Settings\token") -and -not (Test-Path "$Settings\join-token") -and
    -not (Test-Path $Papers)) {
    throw "Give -JoinTokenFile <file>: run 'controller.exe join-token' on the controller's host, it prints the token; " +
      'else -TokenFile <file> for a token that all share, or -Insecure for a lab'
  }
}

# Before anything is done: half a paste must leave the host alone.
function Read-JoinToken {
  if (-not $JoinTokenFile) { return '' }
  $line = if ($JoinTokenFile -eq '-') { Read-Host 'The join token' } else { Get-Content -TotalCount 1 $JoinTokenFile }
  $token = "$line".Trim()
  if ($token -notmatch '^muster1(\.[^.]+){3}$') {
    throw "Cannot install: -JoinTokenFile $JoinTokenFile holds no join token; copy all of it"
  }
  return $token
}

# How programs prove who they are: secure (an identity for each), shared (a token that all have) or insecure. Settings
# that are there decide; else it is secure wherever others can come in.
function Get-Access {
  if ($Insecure) { return 'insecure' }
  $known = "$Settings\controller.yaml"
  if ($Role -ne 'agent' -and (Test-Path $known)) {
    return $(if (Select-String -Quiet -Path $known -Pattern '^secure:\s*true') { 'secure' } else { 'shared' })
  }
  if ($TokenFile) { return 'shared' }
  if ($Role -ne 'agent' -and $HostAddress -match '^(127\..*|::1|localhost)?$') { return 'shared' }
  return 'secure'
}

function Test-Processor {
  # A 32-bit PowerShell on a 64-bit Windows names the real one in the second variable.
  $processors = $env:PROCESSOR_ARCHITECTURE, $env:PROCESSOR_ARCHITEW6432
  if ($processors -notcontains 'AMD64') {
    throw "Cannot install: Muster is built for x64; this processor is $env:PROCESSOR_ARCHITECTURE"
  }
}

function Test-Programs {
  $list = Join-Path $From 'SHA256SUMS'
  if (-not (Test-Path $list)) {
    throw "Cannot install: $From has no SHA256SUMS; give -From <folder made by deno task build>"
  }
  $sums = @{}
  foreach ($line in Get-Content $list) {
    if ($line -match '^(\S+)\s+(\S+)$') { $sums[$Matches[2]] = $Matches[1] }
  }
  foreach ($program in $Programs) {
    $file = Join-Path $From "$program.exe"
    if (-not (Test-Path $file)) { throw "Cannot install: $From has no $program.exe" }
    if ($sums["$program.exe"] -ne (Get-FileHash $file -Algorithm SHA256).Hash) {
      throw "Cannot install: $file is not the file that SHA256SUMS names; copy it again"
    }
    & $file --version | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "Cannot install: $file does not start here" }
  }
}

function Install-Program([string] $program) {
  $source = Join-Path $From "$program.exe"
  $target = Join-Path $Prefix "$program.exe"
  if ((Test-Path $target) -and (Get-FileHash $source).Hash -eq (Get-FileHash $target).Hash) {
    Write-Host "$target is this version already"
    return
  }
  if (-not (Confirm-Step "install $target")) { return }
  New-Item -ItemType Directory -Force $Prefix | Out-Null
  # Under another name first: half a file must never be started.
  Copy-Item -Force $source "$target.new"
  if (Test-Path $target) { Move-Item -Force $target "$target.former" }
  Move-Item -Force "$target.new" $target
}

# One token for both.
function Write-Token {
  $path = "$Settings\token"
  if (Test-Path $path) { Write-Host "keep $path"; return }
  if (-not (Confirm-Step "write $path")) { return }
  $bytes = New-Object byte[] 32
  [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
  $token = -join ($bytes | ForEach-Object { $_.ToString('x2') })
  if ($TokenFile) { $token = (Get-Content -Raw $TokenFile).Trim() }
  Write-Secret 'token' $token
}

# A join token of the controller here, unless the agent has joined. Without the user's contexts and variables, which may
# lead to another cluster.
function New-JoinToken {
  if (Test-Path $Papers) { return '' }
  if (-not (Confirm-Step 'ask the controller here for a join token')) { return '' }
  $address = "$Settings\controller\controller.addr"
  for ($waited = 0; -not (Test-Path $address) -and $waited -lt $StartWaitSeconds; $waited++) { Start-Sleep -Seconds 1 }
  $mine = @{ MUSTER_DATA = "$Settings\controller"; XDG_CONFIG_HOME = "$Settings\none" }
  $hidden = @(Get-ChildItem Env: | Where-Object { $_.Name -like 'MUSTER_*' -or $_.Name -eq 'XDG_CONFIG_HOME' })
  $hidden | ForEach-Object { Remove-Item "Env:$($_.Name)" }
  try {
    $mine.GetEnumerator() | ForEach-Object { Set-Item "Env:$($_.Key)" $_.Value }
    $token = & (Join-Path $Prefix 'controller.exe') join-token --raw
    if ($LASTEXITCODE -ne 0) { throw 'Cannot join: the controller makes no join token; it says why above' }
    return "$token".Trim()
  } finally {
    $mine.Keys | ForEach-Object { Remove-Item "Env:$_" -ErrorAction SilentlyContinue }
    $hidden | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
  }
}

# Closed to others before there is anything in it.
function Write-Secret([string] $name, [string] $text) {
  $path = "$Settings\$name"
  New-Item -ItemType Directory -Force $Settings | Out-Null
  New-Item -ItemType File -Force $path | Out-Null
  Protect-Path $path '*S-1-5-18:R' '*S-1-5-32-544:F'
  Set-Content -NoNewline -Path $path -Value $text
}

# For the system and administrators only; by number, as the names are translated.
function Protect-Path([string] $path, [string] $system, [string] $administrators) {
  icacls $path /inheritance:r /grant $system $administrators | Out-Null
  if ($LASTEXITCODE -ne 0) { Remove-Item $path; throw "Cannot install: $path can't be closed to other users" }
}

function Write-Settings([string] $name, [string] $access) {
  $path = "$Settings\$name.yaml"
  if (Test-Path $path) { Write-Host "keep $path as it is"; return }
  if (-not (Confirm-Step "write $path")) { return }
  if (-not (Test-Path "$Settings\$name")) {
    New-Item -ItemType Directory "$Settings\$name" | Out-Null
    # An authority's key, tokens and papers come into it.
    Protect-Path "$Settings\$name" '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F'
  }
  $address = if ($HostAddress) { $HostAddress } else { '127.0.0.1' }
  $lines = @("host: '$address'", "data: '$Settings\$name'")
  if ($access -eq 'secure' -and $name -eq 'controller') { $lines += 'secure: true' }
  if ($access -eq 'insecure') { $lines += 'insecure: true' }
  elseif (Test-Path "$Settings\token") { $lines += "token-file: '$Settings\token'" }
  $scheme = if ($access -eq 'secure') { 'https' } else { 'http' }
  $url = if ($Controller -or $Role -ne 'both') { $Controller } else { "${scheme}://${address}:8000" }
  if ($name -eq 'agent' -and $url) { $lines += "controller: '$url'" }
  Set-Content -Path $path -Value $lines -Encoding Ascii
}

# Muster's programs don't speak the protocol of Windows services: a task that starts with the system keeps them running.
# Its second trigger starts a program that has ended; while it runs, that does nothing.
function Register-Muster([string] $name) {
  if (-not (Confirm-Step "register the task muster-$name")) { return }
  $program = Join-Path $Prefix "$name.exe"
  # A task has no log of its own: cmd.exe writes what the program says to one.
  $flags = "--config-file `"$Settings\$name.yaml`""
  if ($name -eq 'agent' -and (Test-Path "$Settings\join-token")) { $flags += " --join-token-file `"$Settings\join-token`"" }
  $line = "/d /s /c `"`"$program`" $flags 2>>`"$Settings\$name\$name.log`"`""
  $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $line
  $triggers = @(
    (New-ScheduledTaskTrigger -AtStartup),
    (New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1))
  )
  $always = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) `
    -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
  $system = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -RunLevel Highest
  Register-ScheduledTask -Force -TaskName "muster-$name" -Action $action -Settings $always -Principal $system `
    -Trigger $triggers | Out-Null
}

# --- start, stop, join ------------------------------------------------------------------------------------------------

function Start-Muster([string] $name) {
  if (-not (Confirm-Step "start muster-$name")) { return }
  # Left by a process that was ended; whoever waits for it waits for the new one's.
  Remove-Item "$Settings\$name\$name.addr" -ErrorAction SilentlyContinue
  Enable-ScheduledTask -TaskName "muster-$name" | Out-Null
  Start-ScheduledTask -TaskName "muster-$name"
}

# Disabled meanwhile, or its second trigger would start it again. An agent's replicas end with it.
function Stop-Muster([string] $name) {
  if (-not (Get-ScheduledTask -TaskName "muster-$name" -ErrorAction SilentlyContinue)) { return }
  if (-not (Confirm-Step "stop muster-$name")) { return }
  Disable-ScheduledTask -TaskName "muster-$name" | Out-Null
  Stop-ScheduledTask -TaskName "muster-$name"
  $program = Join-Path $Prefix "$name.exe"
  $running = @(Get-Process -Name $name -ErrorAction SilentlyContinue | Where-Object { $_.Path -eq $program })
  $running | ForEach-Object { Stop-Process -Force -Id $_.Id; $_.WaitForExit(10000) | Out-Null }
}

# Ends with the name that the node got, or with what keeps it from joining, by the lines of the log after so many.
function Wait-Join([int] $told) {
  if (-not (Select-String -Quiet -Path "$Settings\agent.yaml" -Pattern '^controller:')) {
    Write-Host 'the agent runs; it waits to be added by a POST of its url to the controller''s /add-node'
    return
  }
  $quiet = '^log-(level:\W*(warn|error)|format:\W*pretty)'
  if (Select-String -Quiet -Path "$Settings\agent.yaml" -Pattern $quiet) {
    Write-Host 'the agent runs; its log is set not to tell whether it has joined'
    return
  }
  for ($waited = 0; $waited -lt $JoinWaitSeconds; $waited++) {
    Start-Sleep -Seconds 1
    $lines = @(Get-Content $AgentLog -ErrorAction SilentlyContinue | Select-Object -Skip $told)
    if ($lines -match '"msg":"Registered at the controller"') {
      Write-Host "joined as $(Get-LastField $lines 'name')"
      return
    }
  }
  throw "Not joined within $JoinWaitSeconds s: $(Get-LastField $lines 'problem|error'); $AgentLog says more"
}

# The text of a field in the last line that has it.
function Get-LastField([string[]] $lines, [string] $field) {
  $found = @($lines | Select-String -Pattern "`"(?:$field)`":`"([^`"]*)`"")
  if ($found.Count -gt 0) { return $found[-1].Matches[0].Groups[1].Value }
}

# --- back, and away ---------------------------------------------------------------------------------------------------

function Restore-Former {
  $kept = @($Programs | Where-Object { Test-Path (Join-Path $Prefix "$_.exe.former") })
  if ($kept.Count -eq 0) { throw "Cannot roll back: $Prefix keeps no former programs" }
  $Services | ForEach-Object { Stop-Muster $_ }
  foreach ($program in $kept) {
    $target = Join-Path $Prefix "$program.exe"
    if (-not (Confirm-Step "put the former $target back")) { continue }
    Move-Item -Force $target "$target.new"
    Move-Item -Force "$target.former" $target
    Move-Item -Force "$target.new" "$target.former"
  }
  $Services | ForEach-Object { Start-Muster $_ }
}

function Remove-All {
  foreach ($name in $Services) {
    if (-not (Get-ScheduledTask -TaskName "muster-$name" -ErrorAction SilentlyContinue)) { continue }
    Stop-Muster $name
    if (Confirm-Step "remove the task muster-$name") { Unregister-ScheduledTask -TaskName "muster-$name" -Confirm:$false }
  }
  foreach ($program in $Programs) {
    $target = Join-Path $Prefix "$program.exe"
    foreach ($file in $target, "$target.former", "$target.new") {
      if ((Test-Path $file) -and (Confirm-Step "remove $file")) { Remove-Item -Force $file }
    }
  }
  if (-not $DryRun) { Write-Host "settings and state in $Settings stay" }
}

# Says what is done next, or what would be. Whether this run changes anything.
function Confirm-Step([string] $what) {
  Write-Host $(if ($DryRun) { "would: $what" } else { $what })
  return -not $DryRun
}

# Called last, so that a script which arrived only in part does nothing.
Invoke-Main
